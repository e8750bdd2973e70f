"""Pure renderers of a run, one format a module; knows no engine, prompt or suite file."""
