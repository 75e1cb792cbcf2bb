package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Names in the data folder. One file holds the self-signed certificate with its key, so
// that no crash leaves one without the other.
const (
	selfSignedPair = "tls.pem"
	// CertificateFile is the certificate alone, for clients that should trust it.
	CertificateFile = "tls.crt"
)

// certificateLife is how long a self-signed certificate holds. A new one is made at the
// start after its end.
const certificateLife = 365 * 24 * time.Hour

// tlsConfig is nil for plain HTTP.
func (cfg *Config) tlsConfig() (*tls.Config, error) {
	var cert tls.Certificate
	var err error
	switch {
	case cfg.SelfSigned && cfg.TLSCert != "":
		return nil, errors.New("--tls-self-signed and --tls-cert exclude each other")
	case (cfg.TLSCert == "") != (cfg.TLSKey == ""):
		return nil, errors.New("--tls-cert and --tls-key go together")
	case cfg.TLSCert != "":
		cert, err = tls.LoadX509KeyPair(cfg.TLSCert, cfg.TLSKey)
	case cfg.SelfSigned:
		cert, err = selfSigned(cfg.DataDir, cfg.Now())
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"},
	}, nil
}

// checkListen refuses plain HTTP on an address that others can reach.
func (cfg *Config) checkListen(secure bool) error {
	host, _, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return fmt.Errorf("read the listen address: %w", err)
	}
	if secure || cfg.InsecurePlainHTTP || loopbackName(hostOnly(host)) {
		return nil
	}
	return fmt.Errorf("%s can be reached from other machines and would send passwords in the clear: "+
		"give --tls-cert and --tls-key, or --tls-self-signed, or --insecure-plain-http when something else protects the way", cfg.Listen)
}

// selfSigned loads the data folder's certificate, or makes one when there is none or it
// has expired.
func selfSigned(dir string, now time.Time) (tls.Certificate, error) {
	pair := filepath.Join(dir, selfSignedPair)
	cert, err := tls.LoadX509KeyPair(pair, pair)
	if err == nil && now.Before(cert.Leaf.NotAfter) {
		return cert, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tls.Certificate{}, err
	}
	certPEM, keyPEM, err := makeCertificate(now)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a self-signed certificate: %w", err)
	}
	if err := writePrivate(pair, append(keyPEM, certPEM...)); err != nil {
		return tls.Certificate{}, err
	}
	if err := writePrivate(filepath.Join(dir, CertificateFile), certPEM); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certPEM, keyPEM)
}

func makeCertificate(now time.Time) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "spoor"},
		NotBefore:             now.Add(-time.Hour), // other machines' clocks
		NotAfter:              now.Add(certificateLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if name, err := os.Hostname(); err == nil && name != "" && name != "localhost" {
		template.DNSNames = append(template.DNSNames, name)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), nil
}

// writePrivate replaces a file as a whole, readable by the owner alone.
func writePrivate(path string, data []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
