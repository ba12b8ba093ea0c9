"""The whole recipe of the demo model: synthesize, train, convert, evaluate."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

# Set before torch is imported: waiting threads must sleep, not spin, on a machine others use too.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from models.demo import convert, evaluate, synthesize, train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for audio and checkpoints")
    parser.add_argument("--out", type=Path, default=convert.WEIGHTS)
    parser.add_argument("--warm-encoder", type=Path, help="checkpoint whose encoder to begin with")
    parser.add_argument("--stages", type=Path, help="another curriculum, as JSON")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=0, help="time limit of the training")
    parser.add_argument("--shards", type=int, default=len(synthesize.SHARDS))
    parser.add_argument("--count", type=int, default=90, help="unseen sentences to measure with")
    args = parser.parse_args()
    args.data = args.work / "synth"
    begun = time.time()
    for path in synthesize.training_shards(
        args.data, synthesize.SHARDS[: args.shards], synthesize.SIZE, args.workers
    ):
        print(f"{path.name} is there after {(time.time() - begun) / 60:.0f} minutes", flush=True)
    run = argparse.Namespace(**{**vars(args), "out": args.work / "run"})
    train.train(run, train.stages_from(args.stages, args.warm_encoder is not None))
    convert.convert(run.out, args.out)
    found = evaluate.evaluate(args.out, args.count, 0)
    evaluate.record(args.out, found)
    evaluate.print_table(found)
    print(f"done in {(time.time() - begun) / 60:.0f} minutes")


if __name__ == "__main__":
    main()
