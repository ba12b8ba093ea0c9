"""The decoding child: reads hostile bytes from descriptor 0, writes sound, and dies.

Descriptors: 0 the recording, 3 the report (JSON), 4 speech (int16 rows, one per channel, ``stride``
samples apart), 5 the playable WAV. It is started by ``appliance.audio`` and by nobody else.
"""

import json
import os
import sys

from appliance import audio_jail

_REPORT, _SPEECH, _PLAYABLE = 3, 4, 5
_SPEECH_RATE = 16_000


def main() -> None:
    """Entry point; the order of work is the last argument, as JSON. Never returns."""
    order = json.loads(sys.argv[-1])
    limits = order["limits"]
    _place_descriptors(order["fds"])
    stride = (limits["seconds"] + 1) * _SPEECH_RATE
    most = max(2 * stride * limits["channels"], limits["output_bytes"])
    walls = audio_jail.limit_resources(limits["memory_bytes"], limits["cpu_seconds"], most)
    # Imported only now, so that the libraries start inside the walls; nothing can be later.
    from appliance import audio_decode
    from appliance.errors import Unusable

    audio_decode.warm_up()
    size = os.fstat(0).st_size
    walls += audio_jail.close_doors(_PLAYABLE + 1)
    try:
        caps = {key: limits[key] for key in ("seconds", "channels", "output_bytes")}
        outputs = audio_decode.Order(**caps, stride=stride, speech_fd=_SPEECH, wav_fd=_PLAYABLE)
        report = audio_decode.decode(size, order["hints"], outputs)
    except Unusable as refusal:
        report = {"outcome": refusal.outcome}
    except Exception:  # noqa: BLE001  hostile input: whatever went wrong, it is the file's fault
        report = {"outcome": "unreadable"}
    os.pwrite(_REPORT, json.dumps({**report, "jail": walls}).encode(), 0)
    os._exit(0)


def _place_descriptors(fds: list[int]) -> None:
    """Move the three outputs to 3, 4, 5 by way of high numbers, so that none is overwritten."""
    spare = [os.dup2(fd, 100 + place) for place, fd in enumerate(fds)]
    for place, fd in enumerate(spare):
        os.dup2(fd, _REPORT + place)
        os.close(fd)
