// Package hubspot is the client for HubSpot's CRM API: thin, and generic over
// object types. Nothing outside this package knows HubSpot's JSON or URLs.
package hubspot
