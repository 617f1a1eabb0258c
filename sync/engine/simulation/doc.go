// Package simulation holds the proof of the engine as a whole: seeded worlds in
// one process and in virtual time, in which people edit, archive, restore, merge
// and delete on both sides at every await of a run, while HubSpot and the line
// fail and the program dies at named points. A ghost stands beside each world:
// it is told every change of both sides in the order in which they happen, by
// whom, and judges the engine by that alone, never by what the workspace
// believes.
//
// The package has tests only. One seed is one world: SYNCLINE_SIM_SEED replays
// one with its trace, SYNCLINE_SIM_WORLDS plays more of them.
package simulation
