"""The whole recipe of a run, validated. The window's form and the command line are both made from it.

A field's ``title`` and ``description`` are its label and help text, its ``ge``/``le`` are its limits, and its
``json_schema_extra`` says where the form puts it: ``group`` (a heading), ``unit``, ``families`` (which families it
means anything to; absent: all), ``unless`` (another setting and its value that leave this one without a meaning),
``advanced`` (folded away at first) and ``empty`` (what no value means, in a word).
"""

import reprlib
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from trainer.data import SOURCES
from trainer.errors import ConfigError
from trainer.models import FAMILIES, LIKELIHOODS, NETWORKS, QUANTIZERS
from trainer.models.levels import FEWEST, MOST, levels_of, nearest_codes
from trainer.registry import Table

__all__ = ["CONDITIONAL", "DEFAULT_SECONDS", "VARIATIONAL", "Config", "limits", "make_config", "preferences"]

DEFAULT_SECONDS = 60.0  # the budget where none is asked for
DEFAULT_CODES = 512
MAX_LAYERS = 8
MAX_WIDTH = 8192
VARIATIONAL = ["vae", "conditional-vae"]  # the families with a KL term, which holds their codes to a prior
CONDITIONAL = ["conditional-vae"]  # the families that are told the class


def _extra(group: str, **more: Any) -> dict[str, Any]:
    return {"group": group, **more}


class Config(BaseModel):
    """What a run is asked to do, in full. Immutable; equal configs make equal runs (on one kind of processor)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    data: str = Field(
        "digits",
        title="Data set",
        description="A data set by name, or the path of your own .npz or .npy file of images.",
        json_schema_extra=_extra("Data"),
    )
    family: str = Field(
        "vae",
        title="Family",
        description="The kind of model.",
        json_schema_extra=_extra("Model", choices=FAMILIES.names()),
    )
    network: str = Field(
        "mlp",
        title="Network",
        description="The shape of encoder and decoder.",
        json_schema_extra=_extra("Model", choices=NETWORKS.names()),
    )
    latent: int = Field(
        2,
        ge=1,
        le=512,
        title="Latent dimension",
        description="How many numbers an image is squeezed into, or each of its codes where there is a codebook. Two "
        "can be seen on the map as they are.",
        json_schema_extra=_extra("Model", unless=("quantizer", "fsq")),
    )
    hidden: tuple[int, ...] | None = Field(
        None,
        title="Layer widths",
        description="Units (mlp) or channels (conv) of the encoder's layers, such as 512, 256; the decoder mirrors "
        "them. Empty: the network's own default.",
        json_schema_extra=_extra("Model", advanced=True),
    )
    decoder_hidden: tuple[int, ...] | None = Field(
        None,
        title="Decoder widths",
        description="The same of the decoder's layers, from the latent code on. Empty: the encoder's in reverse.",
        json_schema_extra=_extra("Model", families=[*VARIATIONAL, "autoencoder"], advanced=True),
    )
    likelihood: str = Field(
        "bernoulli",
        title="Likelihood",
        description="What a decoded pixel means, and so what reconstruction is measured in.",
        json_schema_extra=_extra("Loss", choices=LIKELIHOODS.names()),
    )
    beta: float = Field(
        1.0,
        ge=0,
        le=1000,
        title="β",
        description="The weight of the KL term. 1 is the VAE; more makes a tidier space and blurrier images; "
        "0 drops the KL.",
        json_schema_extra=_extra("Loss", families=VARIATIONAL),
    )
    reconstruction: bool = Field(
        True,
        title="Reconstruction term",
        description="Switched off, only the KL is left, and every image ends up at the prior: "
        "an experiment for the classroom.",
        json_schema_extra=_extra("Loss", families=VARIATIONAL, advanced=True),
    )
    kl_warm_up: float = Field(
        0.0,
        ge=0,
        le=1,
        title="KL warm-up",
        description="The part of the training over which the weight of the KL term rises from 0 to β. It lets "
        "dimensions come into use that β would otherwise press flat at the start.",
        json_schema_extra=_extra("Loss", families=VARIATIONAL, advanced=True),
    )
    free_bits: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Free bits",
        description="Each latent dimension may use so much KL, averaged over a batch, without paying for it; "
        "a cure for collapsed dimensions.",
        json_schema_extra=_extra("Loss", families=VARIATIONAL, advanced=True, unit="nats"),
    )
    capacity: float | None = Field(
        None,
        ge=0,
        le=10_000,
        title="Capacity",
        description="Instead of the KL itself, its distance from a target is weighted by β; the target rises from 0 "
        "to this over the first half of the training. Empty: off.",
        json_schema_extra=_extra("Loss", families=VARIATIONAL, advanced=True, unit="nats", empty="off"),
    )
    total_correlation: float = Field(
        1.0,
        ge=0,
        le=1000,
        title="Total correlation",
        description="How many times β the total correlation of the dimensions weighs, the part of the KL that "
        "says that they depend on each other. 1 is the β-VAE, more is the β-TCVAE.",
        json_schema_extra=_extra("Loss", families=VARIATIONAL, advanced=True),
    )
    binarize: bool = Field(
        False,
        title="Dynamic binarisation",
        description="Draw every pixel black or white at each step, with its grey as the probability of white; "
        "for the Bernoulli likelihood.",
        json_schema_extra=_extra("Loss", advanced=True),
    )
    quantizer: str = Field(
        "vq",
        title="Quantizer",
        description="What makes a vector of the encoder one of the codes.",
        json_schema_extra=_extra("Codebook", families=["vq-vae"], choices=QUANTIZERS.names()),
    )
    codes: int = Field(
        DEFAULT_CODES,
        ge=2,
        le=16_384,
        title="Codes",
        description="How many entries the codebook has.",
        json_schema_extra=_extra("Codebook", families=["vq-vae"]),
    )
    commitment: float = Field(
        0.25,
        ge=0,
        le=100,
        title="Commitment cost",
        description="How strongly the encoder is drawn to the codes that it was given.",
        json_schema_extra=_extra("Codebook", families=["vq-vae"], unless=("quantizer", "fsq"), advanced=True),
    )
    decay: float = Field(
        0.99,
        ge=0,
        lt=1,
        title="Codebook decay",
        description="How slowly the codes follow the vectors that chose them: what a step leaves of the running mean.",
        json_schema_extra=_extra("Codebook", families=["vq-vae"], unless=("quantizer", "fsq"), advanced=True),
    )
    seconds: float | None = Field(
        None,
        gt=0,
        le=30 * 86400,
        title="Time",
        description="Train for this long.",
        json_schema_extra=_extra("Budget", unit="s"),
    )
    epochs: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        title="Epochs",
        description="Train for this many passes over the data.",
        json_schema_extra=_extra("Budget"),
    )
    seed: int = Field(
        0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="The same seed and the same settings give the same model.",
        json_schema_extra=_extra("Budget"),
    )
    batch: int | None = Field(
        None,
        ge=1,
        le=65536,
        title="Batch size",
        description="Images a step. Empty: smaller where the training is short or the images are few.",
        json_schema_extra=_extra("Optimiser", advanced=True, empty="auto"),
    )
    learning_rate: float = Field(
        3e-3,
        gt=0,
        le=1,
        title="Learning rate",
        description="The highest step size; it warms up to this and then falls along a cosine.",
        json_schema_extra=_extra("Optimiser", advanced=True),
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        title="Precision",
        description="auto: bfloat16 where the processor is fast at it, else float32.",
        json_schema_extra=_extra("Optimiser", advanced=True),
    )
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        title="Device",
        description="auto: a CUDA graphics card if there is one, else the processor.",
        json_schema_extra=_extra("Optimiser", advanced=True, choices=["auto", "cpu", "cuda", "cuda:1", "mps"]),
    )

    @model_validator(mode="before")
    @classmethod
    def _preferred(cls, settings: Any) -> Any:
        """What nobody has asked for is as the family likes it best, and the latent dimension as FSQ's levels have it.

        Configs on disk are complete, so that nothing here changes what an old one means.
        """
        if not isinstance(settings, dict):
            return settings
        family = settings.get("family")
        preferred = preferences(family) if isinstance(family, str) else {}
        if family == "vq-vae" and settings.get("quantizer") == "fsq":
            with suppress(TypeError, ValueError):  # what is wrong with the codes is said where they are checked
                preferred["latent"] = len(levels_of(int(settings.get("codes", DEFAULT_CODES))) or (1,))
        return preferred | settings

    @field_validator("family")
    @classmethod
    def _known_family(cls, name: str) -> str:
        return _known(FAMILIES, name)

    @field_validator("network")
    @classmethod
    def _known_network(cls, name: str) -> str:
        return _known(NETWORKS, name)

    @field_validator("likelihood")
    @classmethod
    def _known_likelihood(cls, name: str) -> str:
        return _known(LIKELIHOODS, name)

    @field_validator("quantizer")
    @classmethod
    def _known_quantizer(cls, name: str) -> str:
        return _known(QUANTIZERS, name)

    @field_validator("data")
    @classmethod
    def _known_data(cls, name: str) -> str:
        """A name in the table, or a path; whether the file is there and good is found out when it is loaded."""
        if Path(name).suffix.lower() in {".npz", ".npy"}:
            return name
        try:
            return SOURCES[name].name
        except ConfigError as error:
            raise ValueError(f"{str(error).rstrip('.')}, or the path of a .npz or .npy file") from None

    @field_validator("hidden", "decoder_hidden")
    @classmethod
    def _sane_hidden(cls, widths: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if widths is not None:
            if not 1 <= len(widths) <= MAX_LAYERS:
                raise ValueError(f"give 1 to {MAX_LAYERS} layer widths")
            if not all(1 <= width <= MAX_WIDTH for width in widths):
                raise ValueError(f"every layer width must lie between 1 and {MAX_WIDTH}")
        return widths

    @model_validator(mode="after")
    def _one_budget(self) -> "Config":
        if self.seconds is not None and self.epochs is not None:
            raise ValueError("give a budget in seconds or in epochs, not both")
        if self.seconds is None and self.epochs is None:
            raise ValueError("give a budget, either in seconds or in epochs")
        if not self.reconstruction and (self.family not in VARIATIONAL or self.beta == 0):
            raise ValueError("without the reconstruction term there must be a KL term: family vae and β above 0")
        if self.family == "vq-vae" and self.quantizer == "fsq":
            levels = levels_of(self.codes)
            if levels is None:
                near = " or ".join(f"{codes:,}" for codes in nearest_codes(self.codes))
                raise ValueError(
                    f"the codes of FSQ are a product of numbers from {FEWEST} to {MOST}, and {self.codes:,} is none; "
                    f"choose {near}"
                )
            if self.latent != len(levels):
                raise ValueError(
                    f"with FSQ the latent dimension is not free: {self.codes:,} codes are made of {len(levels)} numbers"
                )
        if self.binarize and self.likelihood != "bernoulli":
            raise ValueError("black-and-white images (dynamic binarisation) need the likelihood bernoulli")
        return self

    @model_validator(mode="after")
    def _one_objective(self) -> "Config":
        """What each does alone is in trainer/models/objective.py; together they would have no clear meaning."""
        if self.family not in VARIATIONAL:
            return self
        used = {
            "free bits": self.free_bits > 0,
            "a capacity": self.capacity is not None,
            "a total correlation other than 1": self.total_correlation != 1,
        }
        chosen = [words for words, asked in used.items() if asked]
        if len(chosen) > 1:
            raise ValueError(f"{' and '.join(chosen)} each change what the KL term is; use one of them")
        if self.capacity is not None and self.kl_warm_up > 0:
            raise ValueError("a capacity rises over the training by itself; use it without KL warm-up")
        return self


def _known(table: Table, name: str) -> str:
    try:
        return table[name].name
    except ConfigError as error:
        raise ValueError(str(error)) from None


def preferences(family: str) -> dict[str, Any]:
    """The settings, by name, that a family takes other defaults for than the fields have; none for an unknown one."""
    return dict(FAMILIES[family].prefers) if family in FAMILIES else {}


def limits(name: str) -> tuple[float | None, float | None]:
    """The smallest and the largest value of a numeric setting; None where it has no such limit.

    A limit that is itself left out (time must be *above* 0) is given all the same.
    """
    low = high = None
    for part in Config.model_fields[name].metadata:
        low = getattr(part, "ge", getattr(part, "gt", low))
        high = getattr(part, "le", getattr(part, "lt", high))
    return low, high


def make_config(settings: dict[str, Any]) -> Config:
    """A validated config from plain settings.

    Raises ConfigError with one sentence a fault, each naming the setting as the form does.
    """
    try:
        return Config.model_validate(settings)
    except ValidationError as error:
        raise ConfigError(" ".join(_sentence(fault) for fault in error.errors())) from None


def _sentence(fault: Any) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    text = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    field = Config.model_fields.get(name)
    if field is None:
        return f"There is no setting '{name[:80]}'." if fault["type"] == "extra_forbidden" else f"{_capital(text)}."
    value = reprlib.repr(fault["input"])  # cut short where it is long
    if fault["type"] == "string_pattern_mismatch":
        text = f"must be one of {', '.join(cast('dict[str, Any]', field.json_schema_extra)['choices'])}"
    if text.startswith("Input should be "):
        text = text.replace("Input should be ", "must be ", 1).partition(", unable to parse")[0]
    if text.startswith("must be "):
        return f"{field.title} {text}, and is {value}."
    return f"{field.title}: {_capital(text)}{'' if value in text else f' (now {value})'}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
