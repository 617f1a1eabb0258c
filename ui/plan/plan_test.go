package plan

// plan waits for a plan on the screen, with rows.
func (b *bench) plan(what string) *Screen {
	b.Helper()
	b.Until(what, func() bool {
		p, ok := b.W.Current().(*Screen)
		return ok && len(p.pages.IDs) > 0
	})
	return b.W.Current().(*Screen)
}
