"""Calls generated functions: driver.py numpy|torch|jax DIRECTORY <input >output.

The input has, for each case, "case INDEX FUNCTION CALLS ARGUMENTS WRT RESULTS", then a line for each argument of each call:
kind (n for a size, s, v or m), rows, columns, entries row by row. The output has "case INDEX", then a line for each result: rows,
columns, entries; or a line "error MESSAGE". PyTorch's results are followed by the gradient that autograd takes of the first,
by the argument WRT counted from 0, if it is a scalar and WRT is not -1.
"""
import importlib
import sys
import warnings

import numpy as np

# What libraries print is not taken for results.
output, sys.stdout = sys.stdout, sys.stderr
warnings.simplefilter("error", SyntaxWarning)
target, directory = sys.argv[1:]
sys.path.insert(0, directory)
if target == "jax":
    import pathlib

    sys.path.insert(0, str(pathlib.Path(__file__).parent / "standin"))
if target == "torch":
    import torch

    torch.set_num_threads(1)


def argument(line):
    kind, rows, cols, *entries = line.split()
    if kind == "n":
        return int(entries[0])
    array = np.array([float(e) for e in entries])
    if kind == "s":
        return float(array[0])
    if kind == "m":
        array = array.reshape(int(rows), int(cols))
    return torch.tensor(array) if target == "torch" else array


def show(result):
    if target == "torch" and isinstance(result, torch.Tensor):
        result = result.detach().numpy()
    array = np.asarray(result, dtype=float)
    rows, cols = (array.shape + (1, 1))[:2]
    print(rows, cols, *(f"{e:.17g}" for e in array.ravel()), file=output)


def autograd(function, arguments, wrt):
    x = arguments[wrt]
    x = torch.tensor(x, dtype=torch.float64) if isinstance(x, float) else x.clone()
    x.requires_grad_(True)
    value = function(*arguments[:wrt], x, *arguments[wrt + 1:])[0]
    if not isinstance(value, torch.Tensor) or not value.requires_grad:
        show(torch.zeros_like(x))
        return
    show(torch.autograd.grad(value, x)[0])


for line in sys.stdin:
    _, index, name, calls, count, wrt, _ = line.split()
    lines = [[next(sys.stdin) for _ in range(int(count))] for _ in range(int(calls))]
    print("case", index, file=output)
    try:
        function = getattr(importlib.import_module(name), name)
        for call in lines:
            arguments = [argument(a) for a in call]
            results = function(*arguments)
            for result in results if isinstance(results, tuple) else (results,):
                show(result)
            if target == "torch" and wrt != "-1":
                autograd(function, arguments, int(wrt))
    except Exception as e:
        print("error", type(e).__name__, str(e).replace("\n", " "), file=output)
