"""The VAE of the field's courses: the code example "Variational AutoEncoder" of keras.io, under TensorFlow.

Written anew from what the example does (https://keras.io/examples/generative/vae/): convolutions of 32 and 64 channels
with stride 2, a dense layer of 16, two latent dimensions; a dense layer of 7·7·64, transposed convolutions of 64 and 32
channels with stride 2 and one to the image; a ``train_step`` of its own around a gradient tape, with running means of
the loss and its two parts; Adam as it comes, batches of 128, ``fit`` on one array in memory. The example trains on all
70,000 images; here, as for everybody, the test images are left out.
"""

import os
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"  # read when keras is imported

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from peer.course import Course
from peer.elbo import Floats

BATCH = 128
LATENT = 2


class Posterior(layers.Layer):
    """A sample of N(mean, e^logvar)."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.noise = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any) -> Any:
        mean, logvar = inputs
        return mean + ops.exp(0.5 * logvar) * keras.random.normal(ops.shape(mean), seed=self.noise)


def make_encoder(seed: int) -> keras.Model:
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")(image)
    x = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Dense(16, activation="relu")(layers.Flatten()(x))
    mean, logvar = layers.Dense(LATENT)(x), layers.Dense(LATENT)(x)
    return keras.Model(image, [mean, logvar, Posterior(seed)([mean, logvar])])


def make_decoder() -> keras.Model:
    z = keras.Input((LATENT,))
    x = layers.Reshape((7, 7, 64))(layers.Dense(7 * 7 * 64, activation="relu")(z))
    x = layers.Conv2DTranspose(64, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu")(x)
    return keras.Model(z, layers.Conv2DTranspose(1, 3, padding="same", activation="sigmoid")(x))


class Example(keras.Model):
    def __init__(self, encoder: keras.Model, decoder: keras.Model) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.means = [keras.metrics.Mean(name) for name in ("loss", "reconstruction", "kl")]

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return self.means

    def train_step(self, x: Any) -> dict[str, Any]:
        with tf.GradientTape() as tape:
            mean, logvar, z = self.encoder(x)
            pixels = keras.losses.binary_crossentropy(x, self.decoder(z))  # (B, 28, 28): the mean over one channel
            reconstruction = ops.mean(ops.sum(pixels, axis=(1, 2)))
            kl = ops.mean(ops.sum(0.5 * (ops.square(mean) + ops.exp(logvar) - 1 - logvar), axis=1))
            loss = reconstruction + kl
        weights = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        for metric, value in zip(self.means, (loss, reconstruction, kl), strict=True):
            metric.update_state(value)
        return {metric.name: metric.result() for metric in self.means}


class EachEpoch(keras.callbacks.Callback):
    def __init__(self, course: Course) -> None:
        super().__init__()
        self._course = course

    def encode(self, images: Floats) -> tuple[Floats, Floats]:
        mean, logvar, _ = self.model.encoder.predict_on_batch(images)
        return mean, logvar

    def decode(self, z: Floats) -> Floats:
        white: Floats = self.model.decoder.predict_on_batch(z)
        return white

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.model.stop_training = self._course.epoch_done(self.encode, self.decode)


def main() -> None:
    course = Course()
    keras.utils.set_random_seed(course.seed)
    vae = Example(make_encoder(course.seed), make_decoder())
    vae.compile(optimizer=keras.optimizers.Adam())
    images = course.dataset.train_images.astype(np.float32) / np.float32(255)
    # verbose=2: a line an epoch. The bar that is drawn otherwise writes a line a batch where stderr is a file.
    vae.fit(images, epochs=course.epochs, batch_size=BATCH, callbacks=[EachEpoch(course)], verbose=2)


if __name__ == "__main__":
    main()
