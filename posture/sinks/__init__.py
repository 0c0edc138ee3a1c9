"""Where observations and judgements end up: the history and the cues."""
