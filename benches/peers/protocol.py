"""Line protocol of the twins.

After `ready VERSION` a twin reads `CASE REPEAT` a line, runs the case once untimed and REPEAT times
timed, and answers with the mean in milliseconds. It ends with its input.
"""

import sys
import time

try:
    import torch
except ImportError:
    sys.exit("the twin needs torch")

torch.set_num_threads(1)
torch.manual_seed(0)


def serve(make):
    """`make(case)` builds a case and returns a function that runs it once."""
    print(f"ready torch {torch.__version__}, {torch.get_num_threads()} thread", flush=True)
    cases = {}
    for line in sys.stdin:
        case, repeat = line.split()
        if case not in cases:
            cases[case] = make(case)
            cases[case]()
        run, repeat = cases[case], int(repeat)
        run()
        start = time.perf_counter()
        for _ in range(repeat):
            run()
        print((time.perf_counter() - start) * 1e3 / repeat, flush=True)
