package ui

func (w *window) newSync(path string) {}
