"""Later last days: asked for by a unit or given by the bureau; and the terms that hold with them."""
