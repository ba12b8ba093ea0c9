"""Train the demo model: CTC first so that it listens, then the decoder on longer and longer windows."""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the usual name
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import distributed as dist
from torch import multiprocessing, nn
from torch.utils.data import DataLoader
from transformers import WhisperConfig, WhisperForConditionalGeneration

from models.demo.synthesize import load
from models.demo.tokens import CTC_CHARS, load_or_build
from models.demo.windows import IGNORE, Batches, Packer, Stage

WIDTH, ENCODER_LAYERS, DECODER_LAYERS = 192, 4, 2
GUIDED_HEAD = 0  # of the last decoder layer; word times are read from it

# From scratch the encoder leaves the CTC plateau some 600 steps later than from a warm start.
SCRATCH = [Stage(700, 12, 3, (1.5e-3, 1.5e-3), ce=0.0, moved=0.0, padded=0.1)]
# A fresh head on a warm encoder would first undo what the encoder knows, so the head goes first.
WARM = [Stage(150, 16, 3, (1e-2, 3e-3), ce=0.0, moved=0.0, padded=0.0, head_only=True)]
CURRICULUM = [
    Stage(1000, 12, 3, (1.5e-3, 1.5e-3), ce=0.0, moved=0.0, padded=0.1),
    Stage(2000, 12, 3, (1.5e-3, 1.5e-3), guide=1.0, moved=0.0, padded=0.2, timed=0.1),
    Stage(2000, 10, 5.5, (1.6e-3, 1.6e-3), guide=0.4, moved=0.0, padded=0.2, timed=0.1),
    Stage(9000, 8, 7, (1.6e-3, 1e-5), guide=0.3, moved=0.0, padded=0.15, timed=0.06),
]


def new_model(tokenizer: Tokenizer) -> WhisperForConditionalGeneration:
    """A small Whisper with our vocabulary."""
    end = tokenizer.token_to_id("<|endoftext|>")
    config = WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(), num_mel_bins=80, d_model=WIDTH,
        encoder_layers=ENCODER_LAYERS, decoder_layers=DECODER_LAYERS,
        encoder_attention_heads=WIDTH // 64, decoder_attention_heads=WIDTH // 64,
        encoder_ffn_dim=4 * WIDTH, decoder_ffn_dim=4 * WIDTH,
        max_source_positions=1500, max_target_positions=448,
        pad_token_id=end, bos_token_id=end, eos_token_id=end,
        decoder_start_token_id=tokenizer.token_to_id("<|startoftranscript|>"),
        suppress_tokens=[], begin_suppress_tokens=[], attn_implementation="sdpa",
    )  # fmt: skip
    return WhisperForConditionalGeneration(config)


def warm_encoder(model: WhisperForConditionalGeneration, folder: Path) -> int:
    """Copy the encoder of a checkpoint where names and shapes agree; returns how many tensors."""
    own, copied = model.state_dict(), 0
    for name, tensor in load_file(folder / "model.safetensors").items():
        if name.startswith("model.encoder.") and own[name].shape == tensor.shape:
            own[name].copy_(tensor)
            copied += 1
    return copied


def encode(
    model: WhisperForConditionalGeneration, features: torch.Tensor, offset: torch.Tensor
) -> torch.Tensor:
    """The encoder on windows of any length that begin anywhere on the 30 s time line."""
    encoder = model.model.encoder
    x = F.gelu(encoder.conv1(features))
    x = F.gelu(encoder.conv2(x)).permute(0, 2, 1)
    where = offset[:, None] + torch.arange(x.shape[1])[None]
    x = x + encoder.embed_positions.weight[where].detach()
    for layer in encoder.layers:
        out = layer(x, None)
        x = out[0] if isinstance(out, tuple) else out
    return encoder.layer_norm(x)


def decode(
    model: WhisperForConditionalGeneration, ids: torch.Tensor, heard: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The decoder with teacher forcing, and the cross-attention of its guided head."""
    decoder, heads = model.model.decoder, model.config.decoder_attention_heads
    x = decoder.embed_tokens(ids) + decoder.embed_positions.weight[: ids.shape[1]]

    def split(t: torch.Tensor) -> torch.Tensor:
        return t.unflatten(-1, (heads, -1)).transpose(1, 2)

    def merge(t: torch.Tensor) -> torch.Tensor:
        return t.transpose(1, 2).flatten(2)

    for layer in decoder.layers:
        own, to, h = layer.self_attn, layer.encoder_attn, layer.self_attn_layer_norm(x)
        q, k, v = split(own.q_proj(h)), split(own.k_proj(h)), split(own.v_proj(h))
        x = x + own.out_proj(merge(F.scaled_dot_product_attention(q, k, v, is_causal=True)))
        q = split(to.q_proj(layer.encoder_attn_layer_norm(x))) * 64**-0.5
        weights = (q @ split(to.k_proj(heard)).transpose(2, 3)).softmax(-1)
        x = x + to.out_proj(merge(weights @ split(to.v_proj(heard))))
        x = x + layer.fc2(F.gelu(layer.fc1(layer.final_layer_norm(x))))
    return decoder.layer_norm(x), weights[:, GUIDED_HEAD]


def guide_loss(weights: torch.Tensor, places: torch.Tensor, width: float = 0.25) -> torch.Tensor:
    """How far the guided head looks from where each label is heard (within some width: free)."""
    known = places >= 0
    if not known.any():
        return weights.sum() * 0
    frames = torch.arange(weights.shape[2]) / 50
    away = ((frames[None] - places[known][:, None]).abs() - width).clamp(min=0)
    return -((weights[known] * torch.exp(-0.5 * (away / width) ** 2)).sum(-1) + 1e-6).log().mean()


class Trainer:
    """Model, CTC head and optimizer, with what is needed to go on after a stop."""

    def __init__(self, out: Path, tokenizer: Tokenizer, rate: float = 1e-3) -> None:
        self.out, self.model = out, new_model(tokenizer)
        self.head = nn.Linear(WIDTH, len(CTC_CHARS))
        self.model.model.encoder.embed_positions.requires_grad_(False)
        self.parameters = [p for m in (self.model, self.head) for p in m.parameters()
                           if p.requires_grad]  # fmt: skip
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )
        self.step, self.left = 0, 1.0

    def losses(self, batch: dict[str, torch.Tensor], stage: Stage) -> tuple[torch.Tensor, ...]:
        """Decoder cross-entropy and CTC loss of a batch, and the guided head's loss."""
        with torch.set_grad_enabled(not stage.head_only):
            heard = encode(self.model, batch["features"], batch["offset"])
        ce = guide = torch.zeros(())
        if stage.ce:
            hidden, weights = decode(self.model, batch["ids"], heard)
            guide = guide_loss(weights, batch["places"])
            keep = batch["labels"] != IGNORE
            ce = F.cross_entropy(
                self.model.proj_out(hidden[keep]), batch["labels"][keep], label_smoothing=0.02
            )
        scores = self.head(heard).log_softmax(-1).transpose(0, 1)
        lengths = torch.full((len(batch["counts"]),), scores.shape[0])
        # Summed, then per character: the default mean would let a window without speech, whose
        # one loss is divided by nothing, drown all others.
        ctc = F.ctc_loss(scores, batch["chars"], lengths, batch["counts"], reduction="sum",
                         zero_infinity=True)  # fmt: skip
        return ce, ctc / batch["counts"].sum().clamp(min=20), guide

    def update(
        self, batch: dict[str, torch.Tensor], stage: Stage, rate: float, left: float = 1.0
    ) -> tuple[float, ...]:
        """One optimizer step; ``left`` is the share of the time limit that is left."""
        ce, ctc, guide = self.losses(batch, stage)
        self.optimizer.zero_grad()
        (stage.ce * ce + stage.ctc * ctc + stage.guide * guide).backward()
        self.left = self._average(left)
        warm = min(1.0, (self.step + 1) / (20 if stage.head_only else 150))
        for group in self.optimizer.param_groups:
            group["lr"] = rate * warm * max(0.0, min(1.0, self.left))
        if nn.utils.clip_grad_norm_(self.parameters, 1.0).isfinite():
            self.optimizer.step()
        self.step += 1
        return ce.item(), ctc.item(), guide.item()

    def _average(self, left: float) -> float:
        """Average gradients, and the clock, over the workers so that they stay the same."""
        if not dist.is_initialized():
            return left
        graded = [p for p in self.parameters if p.grad is not None]
        flat = torch.cat([*(p.grad.flatten() for p in graded), torch.tensor([left])])
        dist.all_reduce(flat)
        flat /= dist.get_world_size()
        parts = flat[:-1].split([p.numel() for p in graded])
        for p, part in zip(graded, parts, strict=True):
            p.grad.copy_(part.view_as(p))
        return float(flat[-1])

    def save(self) -> None:
        """Write everything that resuming and converting need."""
        state = {"model": self.model.state_dict(), "head": self.head.state_dict(),
                 "optimizer": self.optimizer.state_dict(), "step": self.step}  # fmt: skip
        torch.save(state, self.out / "last.part")
        (self.out / "last.part").rename(self.out / "last.pt")

    def resume(self) -> bool:
        """Go on from the last checkpoint when there is one."""
        if not (self.out / "last.pt").exists():
            return False
        state = torch.load(self.out / "last.pt", weights_only=True)
        self.model.load_state_dict(state["model"])
        self.head.load_state_dict(state["head"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        return True


def place(stages: list[Stage], step: int) -> tuple[Stage, float, int] | None:
    """The stage a step belongs to, its learning rate there, and the steps left in the stage."""
    for stage in stages:
        if step < stage.steps:
            a, b = stage.lr
            return stage, a + (b - a) * step / stage.steps, stage.steps - step
        step -= stage.steps
    return None


def batches(
    args: argparse.Namespace, tokenizer: Tokenizer, stage: Stage, rank: int
) -> Iterator[dict[str, torch.Tensor]]:
    """Batches from all shards rendered so far, made in processes beside the training."""
    shards = [load(path) for path in sorted(args.data.glob("train-??.npz"))]
    packer = Packer(shards, tokenizer, seed=time.time_ns() % 2**31 + rank)
    return iter(
        DataLoader(Batches(packer, stage), batch_size=None, num_workers=1, prefetch_factor=6)
    )


def train(args: argparse.Namespace, stages: list[Stage]) -> None:
    """Run the curriculum in worker processes of one thread each.

    On a busy machine two threads of one process wait for each other after every operation; two
    processes wait once a step.
    """
    args.out.mkdir(parents=True, exist_ok=True)
    texts = [t for path in sorted(args.data.glob("train-??.npz")) for t in load(path).text]
    random.Random(0).shuffle(texts)
    load_or_build(args.out / "tokenizer.json", texts)
    (args.out / "meeting").unlink(missing_ok=True)
    if args.workers == 1:
        work(0, args, stages)
    else:
        multiprocessing.spawn(work, (args, stages), nprocs=args.workers)


def work(rank: int, args: argparse.Namespace, stages: list[Stage]) -> None:
    """One worker: its share of every batch; the first one also reports and saves."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    if args.workers > 1:
        meeting = f"file://{(args.out / 'meeting').resolve()}"
        dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=args.workers)
    tokenizer = Tokenizer.from_file(str(args.out / "tokenizer.json"))
    trainer = Trainer(args.out, tokenizer)
    if not trainer.resume() and args.warm_encoder:
        warm_encoder(trainer.model, args.warm_encoder)
    source, full, current, begun, seen = None, None, None, time.time(), []
    started = time.time()
    while (here := place(stages, trainer.step)) is not None and trainer.left > 0:
        stage, rate, left = here
        if source is None or stage is not current:
            share = replace(stage, batch=max(1, stage.batch // args.workers))
            source, current = batches(args, tokenizer, share, rank), stage
            if stage.full_every:
                few = max(1, round(share.batch * stage.seconds / 30))
                share = replace(share, seconds=30, batch=few, longest=stage.seconds, moved=0.0,
                                padded=0.7)  # fmt: skip
                full = batches(args, tokenizer, share, rank)
            begun, seen = time.time(), []
        long = bool(stage.full_every) and trainer.step % stage.full_every == 0
        clock = 1 - (time.time() - started) / 60 / args.minutes if args.minutes else 1.0
        seen.append(trainer.update(next(full if long else source), stage, rate, clock))
        if rank == 0 and len(seen) % 50 == 0:
            report(trainer.step, left, stage, rate, seen[-50:], (time.time() - begun) / len(seen))
        if rank == 0 and trainer.step % 100 == 0 and np.isfinite(sum(seen[-1])):
            trainer.save()
    if rank == 0:
        trainer.save()


def report(step: int, left: int, stage: Stage, rate: float, seen: list, pace: float) -> None:
    """One line of the log."""
    ce, ctc, guide = (sum(s[i] for s in seen) / len(seen) for i in range(3))
    print(f"{time.strftime('%H:%M:%S')} step {step} ({left} left) {stage.seconds:g}s ce {ce:.3f} "
          f"ctc {ctc:.3f} guide {guide:.3f} lr {rate:.1e} {pace:.2f} s/step", flush=True)  # fmt: skip


def stages_from(path: Path | None, warm: bool) -> list[Stage]:
    """The default curriculum, or one from a JSON file of stage fields."""
    if path is not None:
        rows = json.loads(path.read_text("utf-8"))
        return [Stage(**{**row, "lr": tuple(row["lr"])}) for row in rows]
    return (WARM if warm else SCRATCH) + CURRICULUM


def arguments() -> argparse.ArgumentParser:
    """The command line, shared with build.py."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the rendered shards")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoints")
    parser.add_argument("--warm-encoder", type=Path, help="checkpoint whose encoder to begin with")
    parser.add_argument("--stages", type=Path, help="another curriculum, as JSON")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each")
    parser.add_argument("--minutes", type=float, default=0, help="a time limit, 0 for none; the "
                        "learning rate falls to nothing towards it")  # fmt: skip
    return parser


if __name__ == "__main__":
    given = arguments().parse_args()
    train(given, stages_from(given.stages, given.warm_encoder is not None))
