package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// client talks to a server. Where neither flags nor environment name one, it is the
// one on this machine that works on the data folder, which leaves its address and a
// token for whoever may read the folder.
type client struct {
	server, token, dataDir, caCert string

	http *http.Client
}

// consoleFile is where a running server leaves its address and a token, in its data
// folder, readable by its owner alone.
const consoleFile = "console.json"

// console is the content of consoleFile.
type console struct {
	Server string `json:"server"`
	Token  string `json:"token"`
	CACert string `json:"caCert,omitempty"` // PEM file of a self-signed certificate
}

func (c *client) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.server, "server", os.Getenv("SPOOR_SERVER"), "URL of the server (SPOOR_SERVER)")
	f.StringVar(&c.token, "token", "", "API token (SPOOR_TOKEN)")
	f.StringVar(&c.caCert, "ca-cert", "", "PEM file of the certificate authority to trust")
	f.StringVar(&c.dataDir, "data-dir", defaultDataDir, "data folder of the server on this machine, when --server is not given")
}

// connect fills what was not given.
func (c *client) connect() error {
	if c.token == "" {
		c.token = os.Getenv("SPOOR_TOKEN")
	}
	if c.server == "" || c.token == "" {
		if err := c.fromConsole(); err != nil {
			return err
		}
	}
	if c.server == "" {
		c.server = "http://" + defaultListen
	}
	c.server = strings.TrimRight(c.server, "/")
	c.http = &http.Client{
		// A redirect would carry the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if c.caCert == "" {
		return nil
	}
	pem, err := os.ReadFile(c.caCert)
	if err != nil {
		return fmt.Errorf("read the certificate to trust: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return fmt.Errorf("no certificate in %s", c.caCert)
	}
	c.http.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	return nil
}

func (c *client) fromConsole() error {
	data, err := os.ReadFile(filepath.Join(c.dataDir, consoleFile))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read where the server is: %w", err)
	}
	var con console
	if err := json.Unmarshal(data, &con); err != nil {
		return fmt.Errorf("read where the server is: %s: %w", consoleFile, err)
	}
	if c.server != "" && strings.TrimRight(c.server, "/") != con.Server {
		return nil // the token is for another server
	}
	c.server = con.Server
	if c.token == "" {
		c.token = con.Token
	}
	if c.caCert == "" {
		c.caCert = con.CACert
	}
	return nil
}

// do sends a request and gives the answer of one that succeeded. The caller closes the
// body.
func (c *client) do(ctx context.Context, method, path string, query url.Values, body io.Reader, header http.Header) (*http.Response, error) {
	u := c.server + path
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, u, body)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", c.server, err)
	}
	maps.Copy(req.Header, header)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	if err != nil {
		return nil, fmt.Errorf("no answer from the server at %s: %w", c.server, errors.Unwrap(err))
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		defer func() { _ = resp.Body.Close() }() // the answer is an error either way
		return nil, c.refusal(resp)
	}
	return resp, nil
}

// refusal turns an answer of failure into an error in words.
func (c *client) refusal(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("the server at %s answered %s", c.server, resp.Status)
	}
	var problem struct {
		Detail string `json:"detail"`
		Error  struct {
			Message string `json:"@message"`
			Code    string `json:"code"`
		} `json:"error"`
	}
	_ = json.Unmarshal(body, &problem) // an answer in another shape leaves it empty
	switch {
	case resp.StatusCode == http.StatusUnauthorized && c.token != "":
		return fmt.Errorf("the server at %s takes no such token: it is wrong, expired or revoked", c.server)
	case resp.StatusCode == http.StatusUnauthorized:
		return errors.New("the server wants a token: give --token or SPOOR_TOKEN, or run this beside the server's data folder")
	case problem.Error.Message != "":
		return errors.New(printable(problem.Error.Message))
	case problem.Detail != "":
		return errors.New(printable(problem.Detail))
	}
	return fmt.Errorf("the server at %s answered %s: %s", c.server, resp.Status, printable(string(bytes.TrimSpace(body[:min(len(body), 200)]))))
}

// getJSON asks for a document.
func (c *client) getJSON(ctx context.Context, path string, query url.Values, into any) error {
	return c.doJSON(ctx, http.MethodGet, path, query, nil, into)
}

// doJSON sends a request, with a JSON body or none, and reads the document in answer.
func (c *client) doJSON(ctx context.Context, method, path string, query url.Values, body io.Reader, into any) (err error) {
	resp, err := c.do(ctx, method, path, query, body, http.Header{"Content-Type": {"application/json"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// printable makes text safe to print on a terminal: what is in events was written by
// attackers, and terminals obey control characters.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < 0x20 || r >= 0x7f && r < 0xa0, r == '\u061c',
			r >= '\u200b' && r <= '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2060' && r <= '\u206f', r == '\ufeff':
			return '\ufffd' // controls, and marks that reorder or hide text
		default:
			return r
		}
	}, s)
}
