package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"syncline/app"
)

// writeRecipe writes a recipe into a folder. It needs no workspace and connects
// nothing.
func writeRecipe(_ context.Context, c *call) (app.Kind, error) {
	name := c.args[0]
	dir := c.into
	if dir == "" {
		dir = name
	}
	_, before := os.Stat(filepath.Join(dir, "set.yaml"))
	set, err := app.WriteRecipe(name, dir, c.portal)
	if err != nil {
		return app.Failed, err
	}
	kept := !errors.Is(before, fs.ErrNotExist)
	if c.json {
		return 0, c.document(map[string]any{"recipe": name, "set": set, "kept": kept})
	}
	if kept {
		fmt.Fprintf(c.Err, "The recipe was in %s already: what is there stays as it is.\n", plainly(dir))
	}
	fmt.Fprintf(c.Out, "%s\n", plainly(set))
	fmt.Fprintf(c.Err, "Look at it with: syncline preview %s\n", plainly(set))
	return 0, nil
}

func listRecipes(_ context.Context, c *call) (app.Kind, error) {
	all := app.Recipes()
	if c.json {
		list := make([]map[string]any, 0, len(all))
		for _, r := range all {
			list = append(list, map[string]any{"name": r.Name, "title": r.Title, "about": r.About, "objects": r.Objects, "rows": r.Rows})
		}
		return 0, c.document(map[string]any{"recipes": list})
	}
	for _, r := range all {
		fmt.Fprintf(c.Out, "%-24s %s\n%-24s %s\n", r.Name, r.Title, "", r.About)
	}
	return 0, nil
}
