package ui

func (w *window) newSync(path string)      {}
func (w *window) openFieldMap(path string) {}
