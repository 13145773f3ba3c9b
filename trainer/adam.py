"""Adam, with the average of the weights that its last steps went through.

Kingma & Ba 2015, arXiv:1412.6980. torch has an optimiser class for it, but making one imports torch's compiler, which
takes over a second: as long as a small model needs to learn its first map. So the kernel under that class is called.

Muon (Jordan et al. 2024, github.com/KellerJordan/Muon) for the matrices was better by the step and worse by the second:
a 2-D VAE of MNIST was at 143.1, 138.1 and 136.9 nats after 300, 600 and 1,000 steps of 512 images, with Adam at 145.2,
140.7 and 139.1; but its orthogonalisations made a step four to seven times as long, on one core.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

__all__ = ["Adam", "Average"]

BETA1, BETA2, EPSILON = 0.9, 0.95, 1e-8
CLIP, UNCLIPPED_STEPS = 2.0, 20


class Adam:
    """The moments of named weights, and the step that uses them. All of its state is in ``state()``.

    A gradient whose norm is more than ``CLIP`` times the root of its running mean square is scaled down to that. Where
    gradients suddenly grow, the second moment lags behind and a step would be far too large (Wortsman et al. 2023,
    arXiv:2304.13013, section 3.4). Without this a 2-D VAE of MNIST, trained for 100 epochs in batches of 256 at a rate
    of 4e-3, went from 143 to 250 nats half-way and ended at 140.8.
    """

    def __init__(self, weights: Iterable[tuple[str, nn.Parameter]]) -> None:
        named = dict(weights)
        self._names = list(named)
        self._weights: list[Tensor] = list(named.values())
        self._first = [torch.zeros_like(weight) for weight in self._weights]
        self._second = [torch.zeros_like(weight) for weight in self._weights]
        self._count = torch.zeros((), device=self._weights[0].device)
        self._square = torch.zeros(
            (), device=self._weights[0].device
        )  # the running mean of the gradient's squared norm
        # Only these two have the fused kernel in every torch that we run on.
        self._fused = self._weights[0].device.type in ("cpu", "cuda")

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """One step down the weights' gradients, which are then forgotten."""
        gradients = [weight.grad if weight.grad is not None else torch.zeros_like(weight) for weight in self._weights]
        excess = self._excess(gradients)
        self._count += 1
        (self._step_fused if self._fused else self._step_plain)(gradients, learning_rate, excess)
        for weight in self._weights:
            weight.grad = None

    def _excess(self, gradients: list[Tensor]) -> Tensor:
        """How many times the gradient is larger than it may be, at least 1; it becomes part of the running mean."""
        square = torch.stack(torch._foreach_norm(gradients)).square().sum()
        usual = self._square / (1 - BETA2**self._count).clamp(min=EPSILON)
        known = (self._count >= UNCLIPPED_STEPS) & (usual > 0)
        excess = torch.where(known, (square / usual).sqrt() / CLIP, 1.0).clamp(min=1.0)
        self._square.lerp_(square / excess.square(), 1 - BETA2)
        return excess

    def _step_fused(self, gradients: list[Tensor], learning_rate: float, excess: Tensor) -> None:
        torch._fused_adam_(
            self._weights,
            gradients,
            self._first,
            self._second,
            [],
            [self._count] * len(gradients),
            lr=learning_rate,
            beta1=BETA1,
            beta2=BETA2,
            weight_decay=0.0,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
            grad_scale=excess,
        )

    def _step_plain(self, gradients: list[Tensor], learning_rate: float, excess: Tensor) -> None:
        unbias1, unbias2 = 1 - BETA1**self._count, 1 - BETA2**self._count
        for weight, gradient, first, second in zip(self._weights, gradients, self._first, self._second, strict=True):
            gradient = gradient / excess
            first.lerp_(gradient, 1 - BETA1)
            second.lerp_(gradient.square(), 1 - BETA2)
            weight.sub_(learning_rate * (first / unbias1) / ((second / unbias2).sqrt() + EPSILON))

    def state(self) -> dict[str, Tensor]:
        """The tensors that are its memory, by name; not copies."""
        moments = {"first": self._first, "second": self._second}
        named = {f"{kind}.{name}": t for kind, ts in moments.items() for name, t in zip(self._names, ts, strict=True)}
        return {"count": self._count, "square": self._square, **named}


class Average:
    """A copy of a model whose weights are the running mean of its last steps: smoother, so better, than any one step.

    The window grows with the steps done (Karras et al. 2024, arXiv:2312.02696, section 3.1: a weight at step t counts
    as t^γ), so no length has to be chosen, and training of any length forgets its beginning.
    """

    GAMMA = 16.0  # the window's standard deviation is about 1/(γ + 3), 5 %, of the training so far
    EVERY = 8  # steps: the mean of so slow a walk needs no more, and it costs time

    def __init__(self, model: nn.Module, average: nn.Module) -> None:
        """``average`` is a copy of ``model``, and is kept up from now on by ``update``."""
        self._from = [weight.detach() for weight in model.parameters()]
        self._to = [weight.detach() for weight in average.parameters()]
        # What a model keeps beside its weights (a codebook, a variance) is an average already, where it is one.
        self._buffers_from, self._buffers_to = list(model.buffers()), list(average.buffers())

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after ``step`` steps; to be called after each."""
        gap = self.EVERY if step > 64 else 1
        if step % gap == 0:
            keep = (1 - gap / step) ** (self.GAMMA + 1)
            torch._foreach_lerp_(self._to, self._from, 1 - keep)
            if self._buffers_to:
                torch._foreach_copy_(self._buffers_to, self._buffers_from)
