package command

import (
	"context"
	"fmt"

	"syncline/app"
)

// promote takes a sync to another portal.
func promote(ctx context.Context, c *call) (app.Kind, error) {
	if c.to == "" {
		return app.Failed, &app.UseError{Msg: "say which portal the sync goes to: --to CONNECTION"}
	}
	p, err := c.app.NewPromotion(ctx, c.args[0], c.portal, c.to, c.out)
	if err != nil {
		return app.Failed, err
	}
	end := app.Kind(0)
	switch {
	case p.Blocked():
		end = app.WrongUse
	case p.Missing() && !c.yes:
		end = app.Guarded
	default:
		if err := p.Make(ctx); err != nil {
			return app.Failed, err
		}
		if err := p.Finish(ctx); err != nil {
			return app.Failed, err
		}
	}
	if c.json {
		lacks := make([]map[string]any, 0, len(p.Lacks))
		for _, l := range p.Lacks {
			lacks = append(lacks, map[string]any{"kind": l.Kind, "name": l.Name, "what": l.What, "makes": l.Makes, "blocks": l.Blocks, "made": l.Makes && end == 0})
		}
		return end, c.document(map[string]any{"from": p.From.Name, "to": p.To.Name, "missing": lacks, "notes": append([]string{}, p.Notes...), "path": p.Path, "written": end == 0})
	}
	for _, l := range p.Lacks {
		done := "you have to bring it there"
		switch {
		case l.Makes && end == 0:
			done = "made"
		case l.Makes:
			done = "--yes makes it"
		}
		fmt.Fprintf(c.Out, "%s: %s\n", plainly(l.What), done)
	}
	for _, n := range p.Notes {
		fmt.Fprintln(c.Err, plainly(n))
	}
	switch end {
	case 0:
		fmt.Fprintf(c.Out, "written: %s\n", plainly(p.Path))
	case app.Guarded:
		fmt.Fprintf(c.Err, "Nothing was written. With --yes this is made in %s, and %s is written.\n", plainly(p.To.Name), plainly(p.Path))
	default:
		fmt.Fprintln(c.Err, "Nothing was written.")
	}
	return end, nil
}
