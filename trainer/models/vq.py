"""Vector quantisation: a vector becomes the nearest of K learnt codes.

van den Oord et al. 2017, "Neural Discrete Representation Learning", arXiv:1711.00937; the codes follow the vectors
that choose them as exponential moving averages (its appendix A.1). They start where k-means++ puts them among the
vectors of the first batch (Arthur & Vassilvitskii 2007), and a code that is hardly used starts again at a random vector
of the batch (Dhariwal et al. 2020, arXiv:2005.00341, section 3.1).
"""

import torch
from torch import Tensor

from trainer.config import Config
from trainer.models.quantizer import Quantized, Quantizer

__all__ = ["VectorQuantizer", "quantizer"]

# A code with less than this part of an even share of the vectors starts again.
DEAD = 0.1
# From here on, as a part of the training, none does: each needs some time to become the mean of its vectors.
LAST_RESTART = 0.9
SMOOTHING = 1e-5  # vectors that each code is taken to have had beside its own, so that none divides by zero
CANDIDATES, DRAWS, ITERATIONS = 16_384, 128, 10  # of k-means: vectors that it looks at; rounds of its two parts


class VectorQuantizer(Quantizer):
    """An EMA codebook."""

    def __init__(self, codes: int, dimension: int, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.register_buffer("codes", torch.empty(codes, dimension).uniform_(-1, 1))
        self.register_buffer("sums", torch.zeros(codes, dimension))  # moving averages of what a batch brings a code
        self.register_buffer("counts", torch.zeros(codes))
        self.register_buffer("steps", torch.zeros(()))  # of learning so far
        self.codes: Tensor
        self.sums: Tensor
        self.counts: Tensor
        self.steps: Tensor

    @property
    def codebook(self) -> Tensor:
        return self.codes

    def tokens(self, vectors: Tensor) -> Tensor:
        return nearest(vectors, self.codes)

    def forward(self, vectors: Tensor, progress: float = 1.0, generator: torch.Generator | None = None) -> Quantized:
        if self.training and not self.steps:
            self.start(vectors.detach(), generator)
        tokens = self.tokens(vectors.detach())
        chosen = self.codes[tokens]
        if self.training:
            self.learn(vectors.detach(), tokens, progress < LAST_RESTART, generator)
        commitment = (vectors - chosen).square().mean()
        return Quantized(vectors + (chosen - vectors).detach(), tokens, commitment)

    @torch.no_grad()
    def start(self, vectors: Tensor, generator: torch.Generator | None) -> None:
        self.codes.copy_(k_means(vectors, len(self.codes), generator))
        self.counts.fill_(len(vectors) / len(self.codes))
        self.sums.copy_(self.codes * self.counts[:, None])

    @torch.no_grad()
    def learn(self, vectors: Tensor, tokens: Tensor, restart: bool, generator: torch.Generator | None) -> None:
        """Equations 6 to 8 of the paper's appendix, the counts smoothed as in its authors' code (Sonnet)."""
        counts = torch.zeros_like(self.counts).index_add_(0, tokens, torch.ones_like(vectors[:, 0]))
        sums = torch.zeros_like(self.sums).index_add_(0, tokens, vectors)
        self.steps += 1
        # An encoder that has just begun to learn moves fast, and codes that lag behind it are left by all their vectors
        # but a few: the average is over a tenth of the steps so far, until that is as long as the decay asks for.
        keep = torch.clamp((1 + self.steps) / (10 + self.steps), max=self.decay)
        self.counts.lerp_(counts, 1 - keep)
        self.sums.lerp_(sums, 1 - keep)
        total = self.counts.sum()
        smooth = (self.counts + SMOOTHING) / (total + SMOOTHING * len(self.counts)) * total
        self.codes.copy_(self.sums / smooth[:, None])
        if restart:
            fresh = vectors[torch.randint(len(vectors), self.counts.shape, generator=generator, device=vectors.device)]
            share = total / len(self.counts)
            dead = self.counts < DEAD * share
            torch.where(dead, share, self.counts, out=self.counts)
            torch.where(dead[:, None], fresh, self.codes, out=self.codes)
            torch.where(dead[:, None], fresh * share, self.sums, out=self.sums)


def nearest(vectors: Tensor, codes: Tensor) -> Tensor:
    """Which of the codes (K, D) is nearest to each of the vectors (N, D); (N,). All of it in float32."""
    with torch.autocast(vectors.device.type, enabled=False):
        return torch.addmm(codes.square().sum(1), vectors, codes.T, alpha=-2).argmin(1)


def k_means(vectors: Tensor, codes: int, generator: torch.Generator | None) -> Tensor:
    """The centres (codes, D) of vectors (N, D): k-means++, then Lloyd's algorithm.

    Centres are drawn a few at a time where there are many of them, as by Bahmani et al. 2012 (arXiv:1203.6402). Two may
    be the same, then or because there are too few vectors; of these the restarts make use.
    """
    order = torch.randperm(len(vectors), generator=generator, device=vectors.device)
    vectors = vectors[order[:CANDIDATES]]
    centres = vectors[:1]
    distance = (vectors - centres).square().sum(1)
    while len(centres) < codes:
        count = min(-(-codes // DRAWS), codes - len(centres))
        # With a probability that rises with the squared distance to those there are; anywhere, once it is zero.
        weights = distance if bool(distance.sum() > 0) else torch.ones_like(distance)
        drawn = vectors[torch.multinomial(weights, count, replacement=True, generator=generator)]
        centres = torch.cat([centres, drawn])
        distance = torch.minimum(distance, torch.cdist(vectors, drawn).amin(1).square())
    for _ in range(ITERATIONS):
        tokens = nearest(vectors, centres)
        counts = torch.zeros_like(centres[:, 0]).index_add_(0, tokens, torch.ones_like(distance))
        sums = torch.zeros_like(centres).index_add_(0, tokens, vectors)
        centres = torch.where(counts[:, None] > 0, sums / counts[:, None].clamp(min=1), centres)
    return centres


def quantizer(config: Config) -> VectorQuantizer:
    return VectorQuantizer(config.codes, config.latent, config.decay)
