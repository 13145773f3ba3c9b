import numpy as np

from latentscope.panels.layers.swatches import by_similarity, colours_of, cropped


def codebook(count: int = 40, dimension: int = 6) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, dimension)).astype(np.float32)


def test_every_code_has_its_place_in_the_order_and_neighbours_are_alike() -> None:
    codes = codebook()
    order = by_similarity(codes)
    assert sorted(order) == list(range(40))
    steps = np.linalg.norm(np.diff(codes[order], axis=0), axis=1).mean()
    assert steps < 0.8 * np.linalg.norm(np.diff(codes, axis=0), axis=1).mean()
    large = codebook(3000, 2)
    assert sorted(by_similarity(large)) == list(range(3000))


def test_codes_on_a_line_are_put_in_a_row() -> None:
    line = np.random.default_rng(1).permutation(20).astype(np.float32)[:, None] * np.ones((1, 3), np.float32)
    places = line[by_similarity(line), 0]
    assert places.tolist() in (sorted(places), sorted(places, reverse=True))


def test_colours_are_told_apart_whatever_the_dimension() -> None:
    for dimension in (1, 2, 8):
        colours = colours_of(codebook(dimension=dimension))
        assert colours.shape == (40, 1, 1, 3)
        assert len(np.unique(colours.reshape(40, 3), axis=0)) == 40


def test_the_middle_of_a_picture_is_left_also_of_the_smallest() -> None:
    assert cropped(np.zeros((3, 32, 32, 3), np.uint8)).shape == (3, 16, 16, 3)
    assert cropped(np.zeros((3, 1, 2, 1), np.uint8)).shape == (3, 1, 2, 1)
