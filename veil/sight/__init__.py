"""Who is on screen, and when: shots, faces, meshes, tracks, people."""
