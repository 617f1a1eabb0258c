package shell

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// recipeWidth is the least width of a recipe's tile.
const recipeWidth float32 = 228

// Recipes are the sets to start from, a tile each: one click writes its sample
// files, connects the practice portal and opens the set.
func (w *Window) Recipes() fyne.CanvasObject {
	var tiles []fyne.CanvasObject
	for _, r := range app.Recipes() {
		tiles = append(tiles, w.recipeTile(r))
	}
	return widgets.NewColumn(10,
		widgets.NewColumn(4,
			widgets.NewLine("Start from a recipe", look.Heading, look.T1),
			widgets.NewLine("Several files that belong together, with sample data, in the practice portal. Nothing leaves this computer.", look.Body, look.T2)),
		widgets.NewTiles(recipeWidth, len(tiles), 12, tiles...))
}

func (w *Window) recipeTile(r app.Recipe) fyne.CanvasObject {
	try := widgets.NewButton(widgets.Plain, "open", "Try it", func() { w.OpenRecipe(r) })
	try.Small = true
	return widgets.NewCard(widgets.NewColumn(8,
		widgets.NewLine(r.Title, look.Strong, look.T1),
		widgets.NewParagraph(r.About, look.Small, look.T2),
		widgets.NewParagraph(wording.SentenceCase(strings.ToLower(strings.Join(r.Labels, ", "))), look.Small, look.T2),
		widgets.NewRow(8, try, container.New(layouts.Middle{}, widgets.NewLabel(look.Count(r.Rows, "row", "rows"), look.Small, look.T2)))))
}

// OpenRecipe makes a recipe ready and shows its set.
func (w *Window) OpenRecipe(r app.Recipe) {
	var set string
	w.Do(func(ctx context.Context) (err error) {
		set, err = w.App.OpenRecipe(ctx, r.Name)
		return err
	}, func() {
		w.RefreshStatus()
		w.Rooms.Set(set)
	})
}
