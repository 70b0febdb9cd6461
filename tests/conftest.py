"""What all tests share."""

from hypothesis import settings

# The same examples each time, and no clock: machines that run the tests are of every speed.
settings.register_profile("innherred", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("innherred")
