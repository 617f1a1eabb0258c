package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"syncline/app"
)

// version prints the version, and with --check asks which one is the newest.
func (t *tree) version(std IO) *cobra.Command {
	var check bool
	c := &cobra.Command{Use: "version", Short: "print the version", Args: cobra.NoArgs,
		Long:    "Prints the version. With --check the address that this build names is asked once which version is the newest. It is told nothing of who asks, and nothing is downloaded. Builds without such an address ask nobody.",
		Example: "  syncline version\n  syncline version --check",
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(cmd.OutOrStdout(), "syncline", app.Version)
			if !check {
				return nil
			}
			t.name = "version"
			v, err := app.Versions(app.EnvironmentOf(std.Getenv))
			if err != nil {
				return err
			}
			if v.Address == "" {
				return &app.UseError{Msg: "this build of Syncline names no address to ask for newer versions: look where you have it from"}
			}
			newest, err := v.Ask(t.ctx)
			switch {
			case err != nil:
				return err
			case !v.IsNewer(newest.Version):
				fmt.Fprintln(cmd.OutOrStdout(), "there is no newer version")
			case newest.Page == "":
				fmt.Fprintf(cmd.OutOrStdout(), "version %s is out\n", newest.Version)
			default:
				fmt.Fprintf(cmd.OutOrStdout(), "version %s is out: %s\n", newest.Version, newest.Page)
			}
			return nil
		}}
	c.Flags().BoolVar(&check, "check", false, "ask which version is the newest")
	return c
}
