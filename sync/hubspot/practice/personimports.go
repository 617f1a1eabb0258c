package practice

// CancelImports cancels the imports under way, as a person does in HubSpot's settings, and returns
// how many those were. What they wrote stays.
func (p *Portal) CancelImports() int { return p.endImports(importCanceled) }

// FailImports ends the imports under way as failed, as HubSpot may. What they wrote stays.
func (p *Portal) FailImports() int { return p.endImports(importFailed) }

func (p *Portal) endImports(state string) (n int) {
	p.mu.Lock()
	defer p.leave()
	p.settle()
	for _, r := range p.imports {
		if !r.over() {
			n++
			p.endImport(r, state)
		}
	}
	return n
}
