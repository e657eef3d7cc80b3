#!/usr/bin/env python3
"""The cost of generated NumPy functions against torch.autograd, of the same objectives, in one process on one thread.

usage: cost.py [--bin bin/matdiff] [--repeat N] [NAME…]

Value and gradient together are compared with value and backward pass of what an expert writes in PyTorch, and with the
generated value alone; Hessians with torch.autograd.functional.hessian(vectorize=True). The runs are interleaved and the
medians compared. A bar that is not met is marked with !, and none of them makes the exit status nonzero.
"""
import argparse
import os
import subprocess
import sys
import time

for library in ("OMP", "OPENBLAS", "MKL", "BLIS"):
    os.environ[library + "_NUM_THREADS"] = "1"

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
rng = np.random.default_rng(1)


def normal(*shape):
    return rng.standard_normal(shape)


def positive(*shape):
    return rng.uniform(0.1, 1.1, shape)


def definite(n):
    a = normal(n, n)
    return a @ a.T / n + np.eye(n)


def labels(n):
    return np.sign(normal(n))


def one_hot(n, k):
    return np.eye(k)[rng.integers(k, size=n)]


# name: expression, variables, arguments, objective in PyTorch
GRADIENTS = {
    "least squares": (
        "norm(A*x - b)^2", "x",
        dict(A=normal(4000, 800), x=normal(800), b=normal(4000)),
        lambda A, x, b: torch.sum((A @ x - b) ** 2)),
    "logistic regression": (
        "sum(log(1 + exp(-y .* (X*w))))", "w",
        dict(X=normal(4000, 800), y=labels(4000), w=0.1 * normal(800)),
        lambda X, y, w: F.softplus(-y * (X @ w)).sum()),
    "Gaussian precision": (
        "tr(S*P) - logdet(P) where P: posdef, S: symmetric", "P",
        dict(S=definite(400), P=definite(400)),
        lambda S, P: torch.sum(S * P) - 2 * torch.log(torch.diagonal(torch.linalg.cholesky(P))).sum()),
    "masked factorisation": (
        "norm(M .* (U*V' - Y))^2", "U,V",
        dict(M=(rng.random((1000, 800)) < 0.3) * 1.0, U=normal(1000, 20), V=normal(800, 20), Y=normal(1000, 800)),
        lambda M, U, V, Y: torch.sum((M * (U @ V.T - Y)) ** 2)),
    "two-layer network": (
        "norm(W2*tanh(W1*X) - Y)^2", "W1,W2",
        dict(W1=0.1 * normal(200, 100), W2=0.1 * normal(10, 200), X=normal(100, 2000), Y=normal(10, 2000)),
        lambda W1, W2, X, Y: torch.sum((W2 @ torch.tanh(W1 @ X) - Y) ** 2)),
    "norm of ABx by A": (
        "norm(A*B*x)^2", "A",
        dict(A=normal(1500, 1000), B=normal(1000, 1000), x=normal(1000)),
        lambda A, B, x: torch.sum((A @ (B @ x)) ** 2)),
    "tr(AXBXC')": (
        "tr(A*X*B*X*C')", "X",
        dict(A=normal(300, 300), X=normal(300, 300), B=normal(300, 300), C=normal(300, 300)),
        lambda A, X, B, C: torch.sum((A @ X @ B) * (C @ X.T))),
    "Rayleigh quotient": (
        "x'*A*x/(x'*x)", "x",
        dict(A=normal(1500, 1500), x=normal(1500)),
        lambda A, x: x @ (A @ x) / (x @ x)),
    "softmax cross entropy": (
        "sum(log(exp(X*W)*ones(k))) - tr(Y'*X*W) where W: d×k", "W",
        dict(X=normal(4000, 100), W=0.1 * normal(100, 50), Y=one_hot(4000, 50)),
        lambda X, W, Y: F.cross_entropy(X @ W, Y, reduction="sum")),
    "Gaussian process": (
        "y'*inv(K)*y/2 + logdet(K)/2 where K: posdef", "K",
        dict(K=definite(400), y=normal(400)),
        lambda K, y: gaussian_process(K, y)),
    "NMF with KL": (
        "sum(W*H - V .* log(W*H))", "W,H",
        dict(W=positive(1000, 20), H=positive(20, 800), V=positive(1000, 800)),
        lambda W, H, V: kullback_leibler(W @ H, V)),
    "a'exp(Xb)": (
        "a'*exp(X*b)", "X,b",
        dict(X=0.1 * normal(60000, 20), b=normal(20), a=normal(60000)),
        lambda X, b, a: a @ torch.exp(X @ b)),
}

HESSIANS = {
    "quadratic form": (
        "x'*A*x/2 + b'*x", "x",
        dict(A=normal(300, 300), x=normal(300), b=normal(300)),
        lambda A, x, b: x @ (A @ x) / 2 + b @ x),
    "least squares": (
        "norm(A*x - b)^2", "x",
        dict(A=normal(1000, 200), x=normal(200), b=normal(1000)),
        lambda A, x, b: torch.sum((A @ x - b) ** 2)),
    "logistic regression": (
        "sum(log(1 + exp(-y .* (X*w))))", "w",
        dict(X=normal(1000, 200), y=labels(1000), w=0.1 * normal(200)),
        lambda X, y, w: F.softplus(-y * (X @ w)).sum()),
    "factorisation": (
        "norm(U*V' - Y)^2", "U",
        dict(U=normal(60, 5), V=normal(80, 5), Y=normal(60, 80)),
        lambda U, V, Y: torch.sum((U @ V.T - Y) ** 2)),
}


def gaussian_process(K, y):
    L = torch.linalg.cholesky(K)
    z = torch.linalg.solve_triangular(L, y[:, None], upper=False)
    return torch.sum(z ** 2) / 2 + torch.log(torch.diagonal(L)).sum()


def kullback_leibler(Z, V):
    return torch.sum(Z - V * torch.log(Z))


def generated(binary, command, expression, *flags):
    """The generated function, and the names of its parameters."""
    text = subprocess.run([binary, command, expression, "-o", "numpy", "--function", "f", "--quiet", *flags],
                          check=True, capture_output=True, text=True).stdout
    space = {}
    exec(compile(text, expression, "exec"), space)
    return space["f"]


def call(f, arguments):
    """f with its arguments bound by name."""
    names = f.__code__.co_varnames[:f.__code__.co_argcount]
    values = [arguments[n] for n in names]
    return lambda: f(*values)


def medians(runs, repeat):
    """The median processor times of the runs, taken in turn: other processes hardly change these."""
    times = [[] for _ in runs]
    for r in runs:
        r()
    for _ in range(repeat):
        for r, t in zip(runs, times):
            start = time.process_time()
            r()
            t.append(time.process_time() - start)
    return [float(np.median(t)) for t in times]


def backward(objective, arguments, by):
    """Value and gradients by autograd."""
    tensors = {n: torch.from_numpy(np.array(v)) for n, v in arguments.items()}
    leaves = [tensors[n].requires_grad_() for n in by]

    def run():
        value = objective(**tensors)
        return value.item(), torch.autograd.grad(value, leaves)
    return run


def hessian(objective, arguments, by):
    tensors = {n: torch.from_numpy(np.array(v)) for n, v in arguments.items()}

    def run():
        return torch.autograd.functional.hessian(lambda x: objective(**{**tensors, by: x}), tensors[by], vectorize=True)
    return run


def near(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return np.allclose(a, b, rtol=1e-6, atol=1e-8 * (1 + np.abs(b).max()))


def symmetric(g):
    return (g + g.T) / 2


def blas():
    """The libraries that are loaded: what NumPy and PyTorch compute with."""
    with open("/proc/self/maps") as maps:
        files = {os.path.realpath(line.split()[-1]) for line in maps if ".so" in line}
    return ", ".join(sorted(os.path.basename(f) for f in files if "blas" in os.path.basename(f) or "mkl" in f))


def mark(ratio, bar):
    return f"{ratio:6.2f}" + (" " if ratio <= bar else "!")


def gradients(o):
    print(f"{'value and gradient':24}{'generated':>12}{'torch':>12}{'ratio':>8}  {'value':>10}{'grad/value':>12}")
    ratios = []
    for name, (expression, by, arguments, objective) in GRADIENTS.items():
        if o.names and name not in o.names:
            continue
        f = call(generated(o.bin, "grad", expression, "--wrt", by), arguments)
        value = call(generated(o.bin, "simplify", expression), arguments)
        reference = backward(objective, arguments, by.split(","))
        want, got = reference(), f()
        assert near(got[0], want[0]) and near(value(), want[0]), f"{name}: value {got[0]}, want {want[0]}"
        for g, w in zip(got[1:], want[1]):
            w = w.numpy()
            assert near(g, symmetric(w) if "posdef" in expression else w), name
        a, b, c = medians([f, reference, value], o.repeat)
        ratios.append(a / b)
        print(f"{name:24}{1e3 * a:9.2f} ms{1e3 * b:9.2f} ms {mark(a / b, 1)} {1e3 * c:9.2f} ms   {mark(a / c, 3.5)}")
    print(f"ratio at most 1.0 on {sum(r <= 1 for r in ratios)} of {len(ratios)} (bar: 10), largest {max(ratios):.2f} (bar: 1.15)\n")


def hessians(o):
    print(f"{'Hessian':24}{'generated':>12}{'torch':>12}{'faster':>9}")
    for name, (expression, by, arguments, objective) in HESSIANS.items():
        f = call(generated(o.bin, "hessian", expression, "--wrt", by, "--no-value"), arguments)
        reference = hessian(objective, arguments, by)
        want, got = reference().numpy(), f()[-1]
        x = arguments[by]
        if x.ndim == 2:  # vec stacks columns
            m, n = x.shape
            want = want.transpose(1, 0, 3, 2).reshape(m * n, m * n)
        assert near(got, want), name
        a, b = medians([f, reference], o.repeat)
        print(f"{name:24}{1e3 * a:9.2f} ms{1e3 * b:9.2f} ms {b / a:7.1f}{' ' if b / a >= 2 else '!'}")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--bin", default=os.path.join(os.path.dirname(__file__), "..", "bin", "matdiff"))
    p.add_argument("--repeat", type=int, default=41)
    p.add_argument("names", nargs="*")
    o = p.parse_args()
    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}, 1 thread, BLAS: {blas()}")
    gradients(o)
    if not o.names:
        hessians(o)
    return 0


if __name__ == "__main__":
    sys.exit(main())
