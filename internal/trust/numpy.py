"""Runs generated functions of a value and a gradient.

Reads one function a line, as JSON: its source and name, which parameter the gradient is by, and points to call it at, values
by the names of parameters. Answers each with a line: for every point value and gradient, entries row by row, or an error.
"""
import inspect
import json
import os
import signal
import sys
import warnings

import numpy as np

signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the run, which ends its input
warnings.simplefilter("ignore")
np.seterr(all="ignore")
answers, sys.stdout = sys.stdout, open(os.devnull, "w")  # logm prints how accurate it is


def load(question):
    names = {}
    exec(question["source"], names)
    return names[question["function"]]


def argument(value):
    return np.array(value) if isinstance(value, list) else value


def evaluate(function, wrt, point):
    # A name that is reserved has _ after it in the function.
    arguments = {p: argument(point[p.rstrip("_")]) for p in inspect.signature(function).parameters}
    value, gradient = function(**arguments)
    if any(np.any(argument(point[p.rstrip("_")]) != v) for p, v in arguments.items()):
        raise ValueError("an argument is changed")
    want = np.shape(point[wrt])
    if np.shape(value) != () or np.shape(gradient) != want:
        raise ValueError(f"the shapes are {np.shape(value)} and {np.shape(gradient)}, not () and {want}")
    if np.iscomplexobj(value) or np.iscomplexobj(gradient):
        raise ValueError("complex")
    if not (np.isfinite(value) and np.isfinite(gradient).all()):
        raise ValueError("not finite")
    return {"value": float(value), "gradient": np.ravel(gradient).tolist()}


def failure(e):
    return {"error": f"{type(e).__name__}: {e}".split("\n")[0]}


def answer(question):
    try:
        function = load(question)
    except Exception as e:
        return [failure(e)] * len(question["points"])
    out = []
    for point in question["points"]:
        try:
            out.append(evaluate(function, question["wrt"], point))
        except Exception as e:
            out.append(failure(e))
    return out


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), file=answers, flush=True)
