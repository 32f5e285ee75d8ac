"""Both sides of a call on one clock: two channels of Opus in Ogg, and how loud each was."""
