package settings

import (
	"context"

	"syncline/app"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// newer is the row that offers to tell of newer versions.
type newer struct {
	w     *shell.Window
	row   *widgets.InfoRow
	asks  *widgets.Check
	page  *widgets.Button
	open  string      // the page that the button opens
	order shell.Order // asking takes as long as the other machine lets it
}

// newNewer makes the row, nil where this build names nobody to ask.
func newNewer(w *shell.Window) *newer {
	if app.ReleasesURL == "" {
		return nil
	}
	n := &newer{w: w}
	n.asks = widgets.NewSwitch("", false, n.choose)
	n.page = widgets.NewButton(widgets.Plain, "open", "Read about it", func() { w.OpenPage(n.open) })
	n.page.Hide()
	n.row = widgets.NewInfoRow("Tell me of newer versions", "…", widgets.NewRow(12, n.page, n.asks))
	return n
}

// show says what was chosen and what is known; where it is time, it is asked.
func (n *newer) show() { shell.InOwnOrder(n.w, &n.order, n.w.App.NewVersion, n.fill, nil) }

func (n *newer) choose(on bool) {
	shell.InOwnOrder(n.w, &n.order, func(ctx context.Context) (app.NewVersion, error) {
		if err := n.w.App.AskForVersions(ctx, on); err != nil {
			return app.NewVersion{}, err
		}
		return n.w.App.NewVersion(ctx)
	}, n.fill, nil)
}

func (n *newer) fill(s app.NewVersion) {
	n.asks.SetOn(s.Asks)
	n.open = s.Newer.Page
	switch {
	case !s.Asks:
		n.row.Sub = "Off. " + s.Host + " would be asked once a day, and told nothing of you; nothing is downloaded"
	case s.Newer.Version == "":
		n.row.Sub = s.Host + " is asked once a day, and told nothing of you; nothing is downloaded"
	default:
		n.row.Sub = "Version " + s.Newer.Version + " is out; you have " + app.Version
	}
	n.page.Hide()
	if n.open != "" {
		n.page.Show()
	}
	n.row.Refresh()
}
