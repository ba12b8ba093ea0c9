"""The cage of the decoding child: no network, no files, no children, little memory and time.

Several walls stand behind each other, because kernels and units differ in what they allow:
resource limits and no-new-privileges always; an empty network namespace where permitted; after all
imports a system call filter that knows only what pure computing needs, and a limit on descriptors
that by itself leaves no room for a socket or another file.
"""

import ctypes
import os
import platform
import resource
import struct

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIGKILL = 9
_EPERM = 1

# Everything a decoder needs once it is loaded; whatever is not named here fails with EPERM.
# On purpose absent: open, socket, clone, execve, ioctl, kill, fcntl, prctl.
_AARCH64 = {
    "read": 63, "write": 64, "close": 57, "lseek": 62, "pread64": 67, "pwrite64": 68,
    "mmap": 222, "mprotect": 226, "munmap": 215, "mremap": 216, "brk": 214, "madvise": 233,
    "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "sigaltstack": 132,
    "sched_yield": 124, "nanosleep": 101, "clock_nanosleep": 115, "clock_gettime": 113,
    "gettimeofday": 169, "getpid": 172, "gettid": 178, "getrusage": 165, "futex": 98,
    "restart_syscall": 128, "getrandom": 278, "exit": 93, "exit_group": 94,
}  # fmt: skip
_X86_64 = {
    "read": 0, "write": 1, "close": 3, "lseek": 8, "pread64": 17, "pwrite64": 18,
    "mmap": 9, "mprotect": 10, "munmap": 11, "mremap": 25, "brk": 12, "madvise": 28,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sigaltstack": 131,
    "sched_yield": 24, "nanosleep": 35, "clock_nanosleep": 230, "clock_gettime": 228,
    "gettimeofday": 96, "getpid": 39, "gettid": 186, "getrusage": 98, "futex": 202,
    "restart_syscall": 219, "getrandom": 318, "exit": 60, "exit_group": 231,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}


def limit_resources(memory_bytes: int, cpu_seconds: int, file_bytes: int) -> list[str]:
    """Walls that can stand before the imports; returns the names of those that do.

    Call it first thing, while the process has one thread: a user namespace needs that.
    """
    libc = _libc()
    walls = []
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        walls.append("no_new_privs")
    if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        walls.append("no_network")
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(what, most)
    return [*walls, "limits"]


def close_doors(open_fds: int) -> list[str]:
    """Walls that can stand only after the imports; descriptors from ``open_fds`` on are closed.

    Returns the names of those that stand. From here on nothing can be opened.
    """
    os.closerange(open_fds, os.sysconf("SC_OPEN_MAX"))
    _lower(resource.RLIMIT_NOFILE, open_fds)
    return ["no_files", "syscall_filter"] if _filter_calls() else ["no_files"]


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _lower(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _filter_calls() -> bool:
    """A BPF program: right architecture, then a chain of allowed numbers, else EPERM."""
    known = _MACHINES.get(platform.machine())
    if known is None:
        return False
    program = _program(*known)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    prog = ctypes.create_string_buffer(header, len(header))
    filtered = _libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(prog), 0, 0)
    return bool(filtered == 0)


def _program(architecture: int, calls: dict[str, int]) -> bytes:
    load, jump_equal, give_back = 0x20, 0x15, 0x06
    allow, refuse, kill = 0x7FFF0000, 0x00050000 | _EPERM, 0x80000000
    numbers = sorted(calls.values())
    lines = [(load, 0, 0, 4), (jump_equal, 1, 0, architecture), (give_back, 0, 0, kill)]
    lines.append((load, 0, 0, 0))
    for place, number in enumerate(numbers):
        lines.append((jump_equal, len(numbers) - place, 0, number))
    lines += [(give_back, 0, 0, refuse), (give_back, 0, 0, allow)]
    return b"".join(struct.pack("@HBBI", *line) for line in lines)
