"""The nuScenes folder: tokens, tables, files, and how an interrupted run goes on."""
