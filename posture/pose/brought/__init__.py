"""Models that others bring: what a manifest says of one, and how pictures get in and keypoints out.

    frame ─► window ─► tensor ─► runtime ─► head ─► keypoints ─► Landmarks, as the tracker takes them

Adding a model is an entry (`use.Use`), not code. The entry is compared with the model's real inputs and outputs
(`agree`) before anything is run, and `propose` writes a first one from a file.
"""
