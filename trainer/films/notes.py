"""What a film's file says of itself: the recipe, as JSON."""

import json

from trainer.films.film import Film

__all__ = ["note_of"]

MOST = 64  # waypoints and classes that are told


def note_of(film: Film) -> str:
    """The recipe as one line of JSON; of very many waypoints only their number."""
    recipe = film.recipe
    told = {
        "command": "path",
        "kind": recipe.kind,
        "steps": recipe.walk.steps,
        "timing": recipe.walk.pace,
        "ease": recipe.walk.ease,
        "closed": recipe.closed,
        "waypoints": recipe.waypoints if len(recipe.waypoints) <= MOST else len(recipe.waypoints),
    }
    if recipe.ends != (None, None):
        told["ends"] = recipe.ends
    if recipe.condition is not None and len(recipe.condition) <= MOST:
        told["condition"] = recipe.condition
    return json.dumps(told)
