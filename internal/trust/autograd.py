"""Values and gradients of expressions by PyTorch's automatic differentiation, in float64.

Reads one expression a line, as JSON: nodes (op, args, rows, cols, and value, name or dims of leaves; arguments first), the
variable to differentiate by, and points (for each the entries of every variable, row by row). Answers each with a line:
for every point value and gradient, or an error. It shares no code with matdiff: every operation is written anew from
its definition in the language.
"""
import functools
import json
import math
import signal
import sys

import numpy
import torch

torch.set_default_dtype(torch.float64)
signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the run, which ends its input


def scalar(x):
    return x.shape == (1, 1)


def times(a, b):
    return a * b if scalar(a) or scalar(b) else a @ b


def folded(step):
    """An operation of any number of operands, from left to right."""
    return lambda node, args: functools.reduce(step, args)


def kron(a, b):
    """Entry by entry: the derivative of torch.kron needs matrices that lie in memory row by row."""
    blocks = a[:, None, :, None] * b[None, :, None, :]
    return blocks.reshape(a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])


def power(node, args):
    base, exponent = args
    if scalar(base):
        return entries_power(node, args)
    return torch.linalg.matrix_power(base, round(exponent.item()))


def entries_power(node, args):
    base, exponent = args
    if not exponent.requires_grad and scalar(exponent):
        return base ** exponent.item()
    return base ** exponent


def one(f):
    """A function of a matrix with a matrix value."""
    return lambda node, args: f(args[0])


def total(f):
    """A function of a matrix with a 1x1 value."""
    return lambda node, args: f(args[0]).reshape(1, 1)


def logdet(a):
    sign, value = torch.linalg.slogdet(a)
    if sign.item() <= 0:
        raise ValueError("determinant not positive")
    return value


def adjugate(a):
    """Transposed cofactors, each a minor: right for singular matrices too."""
    n = a.shape[0]
    if n == 1:
        return torch.ones(1, 1)
    rest = [[k for k in range(n) if k != i] for i in range(n)]
    minors = torch.stack([a[rest[i]][:, rest[j]] for j in range(n) for i in range(n)])
    signs = torch.tensor([(-1.0) ** (i + j) for j in range(n) for i in range(n)])
    return (signs * torch.linalg.det(minors)).reshape(n, n)


def sqrtm(a):
    """Principal square root: the product form of the Denman-Beavers iteration, with determinantal scaling.

    Its derivative is that of one Newton step from the root found: s in x*s + s*x = a - x^2.
    """
    n, eye = a.shape[0], torch.eye(a.shape[0])
    with torch.no_grad():
        m, x = a, a
        for _ in range(60):
            inverse = torch.linalg.inv(m)
            scale = abs(torch.linalg.det(m).item()) ** (-1 / (2 * n))
            if abs(scale - 1) < 1e-2:
                scale = 1.0
            x = scale * x @ (eye + inverse / scale**2) / 2
            m = (eye + (scale**2 * m + inverse / scale**2) / 2) / 2
            if (m - eye).abs().max().item() < 1e-15 * n:
                break
        if (x @ x - a).abs().max().item() > 1e-9 * a.abs().max().item():
            raise ValueError("no principal square root")
    return x + solve_sylvester(x, x, a - x @ x)


GAUSS = [  # nodes and weights of Gauss-Legendre quadrature on (0, 1)
    (0.5 + x / 2, w / 2)
    for x, w in zip(*numpy.polynomial.legendre.leggauss(12))
]


def logm(a):
    """Principal logarithm: 2^k log(a^(1/2^k)), and log(1 + e) as the integral of e/(1 + t*e) for t from 0 to 1."""
    eye, k = torch.eye(a.shape[0]), 0
    while torch.linalg.matrix_norm(a.detach() - eye, 1).item() > 0.2:
        a, k = sqrtm(a), k + 1
        if k > 40:
            raise ValueError("no principal logarithm")
    e = a - eye
    return 2.0**k * sum(w * torch.linalg.solve(eye + t * e, e) for t, w in GAUSS)


def along(f, a, e):
    """The differential of a matrix function at a along e: the upper right block of f([a e; 0 a]). It is linear in e, which is
    scaled: f would lose the digits of a beside those of a large e."""
    n, top = a.shape[0], e.detach().abs().max().item() or 1.0
    whole = f(torch.cat([torch.cat([a, e / top], 1), torch.cat([torch.zeros(n, n), a], 1)], 0))
    return top * whole[:n, n:]


class Exponential(torch.autograd.Function):
    """torch.matrix_exp, but for its gradient, which has few digits where that of what follows is large."""

    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return torch.matrix_exp(a)

    @staticmethod
    def backward(ctx, g):
        return along(torch.matrix_exp, ctx.saved_tensors[0].T, g)


def vec(a):
    return a.T.reshape(-1, 1)


def solve_sylvester(a, b, c):
    m, n = c.shape
    system = kron(torch.eye(n), a) + kron(b.T, torch.eye(m))
    return torch.linalg.solve(system, vec(c)).reshape(n, m).T


def commutation(node, args):
    m, n = node["dims"]
    k = torch.zeros(m * n, m * n)
    for i in range(m):
        for j in range(n):
            k[i * n + j, j * m + i] = 1
    return k


def unit(node, args):
    e = torch.zeros(node["rows"], node["cols"])
    e[round(args[0].item()) - 1, round(args[1].item()) - 1] = 1
    return e


def constant(value):
    return lambda node, args: torch.full((node["rows"], node["cols"]), float(value(node)))


def norm(a):
    return (a * a).sum().sqrt()


OPERATIONS = {
    "number": constant(lambda node: node["value"]),
    "size": constant(lambda node: node["value"]),
    "pi": constant(lambda node: math.pi),
    "ones": constant(lambda node: 1),
    "zeros": constant(lambda node: 0),
    "eye": lambda node, args: torch.eye(node["rows"]),
    "E": unit,
    "K": commutation,
    "+": folded(torch.add),
    "*": folded(times),
    ".*": folded(torch.mul),
    "kron": folded(kron),
    "'": one(lambda a: a.T),
    "^": power,
    ".^": entries_power,
    "[]": lambda node, args: args[0][round(args[1].item()) - 1, round(args[2].item()) - 1].reshape(1, 1),
    "tr": total(torch.trace),
    "det": total(torch.linalg.det),
    "logdet": total(logdet),
    "sum": total(torch.sum),
    "norm": total(norm),
    "norm1": total(lambda a: a.abs().sum()),
    "nuclear": total(lambda a: torch.linalg.svdvals(a).sum()),
    "spectral": total(lambda a: torch.linalg.svdvals(a)[0]),
    "lambda_max": total(lambda a: torch.linalg.eigvalsh(a)[-1]),
    "logsumexp": total(lambda a: torch.logsumexp(a.reshape(-1), 0)),
    "inv": one(torch.linalg.inv),
    "pinv": one(torch.linalg.pinv),
    "adj": one(adjugate),
    "expm": one(Exponential.apply),
    "logm": one(logm),
    "sqrtm": one(sqrtm),
    "sylvester": lambda node, args: solve_sylvester(*args),
    "dexpm": lambda node, args: along(Exponential.apply, *args),
    "dlogm": lambda node, args: along(logm, *args),
    "exp": one(torch.exp),
    "log": one(torch.log),
    "sqrt": one(torch.sqrt),
    "sin": one(torch.sin),
    "cos": one(torch.cos),
    "tan": one(torch.tan),
    "asin": one(torch.asin),
    "acos": one(torch.acos),
    "atan": one(torch.atan),
    "sinh": one(torch.sinh),
    "cosh": one(torch.cosh),
    "tanh": one(torch.tanh),
    "abs": one(torch.abs),
    "sign": one(torch.sign),
    "relu": one(torch.relu),
    "step": one(lambda a: (a.detach() > 0).double()),
    "sigmoid": one(torch.sigmoid),
    "softplus": one(lambda a: torch.nn.functional.softplus(a, threshold=40)),
    "softmax": one(lambda a: torch.softmax(a.reshape(-1), 0).reshape(a.shape)),
    "diagmat": one(lambda a: torch.diag(a.reshape(-1))),
    "diagvec": one(lambda a: torch.diag(a).reshape(-1, 1)),
    "vec": one(vec),
    "tril": one(torch.tril),
    "triu": one(torch.triu),
}


def evaluate(question, point):
    values, wrt = [], None
    for node in question["nodes"]:
        if node["op"] == "variable":
            value = torch.tensor(point[node["name"]]).reshape(node["rows"], node["cols"])
            if node["name"] == question["wrt"]:
                wrt = value.requires_grad_()
        else:
            value = OPERATIONS[node["op"]](node, [values[i] for i in node["args"]])
        if value.shape != (node["rows"], node["cols"]):
            raise ValueError(f"{node['op']} has the shape {tuple(value.shape)}")
        values.append(value)
    f = values[-1]
    if f.requires_grad:
        (gradient,) = torch.autograd.grad(f.sum(), wrt, allow_unused=True)
    else:
        gradient = None
    if gradient is None:
        gradient = torch.zeros_like(wrt)
    if not (torch.isfinite(gradient).all() and torch.isfinite(f).all()):
        raise ValueError("not finite")
    return {"value": f.item(), "gradient": gradient.reshape(-1).tolist()}


def answer(question, point):
    try:
        return evaluate(question, point)
    except Exception as e:  # what PyTorch cannot do is counted, by what it says
        return {"error": f"{type(e).__name__}: {e}".split("\n")[0]}


for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps([answer(question, point) for point in question["points"]]), flush=True)
