using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Blobs.Files;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Blobs.Cli.Serve;

/// <summary>Reads the certificate and the key of a server.</summary>
internal static class PemFiles
{
    /// <summary>Reads both. The first certificate in the file is the server's; the others are its chain.</summary>
    /// <exception cref="WorkFailedException">A file is not there, or is not what it should be.</exception>
    public static HttpsConnectionAdapterOptions Read(string certificate, string key)
    {
        string pem = ReadText(certificate, "--tls-cert");
        string keyPem = ReadText(key, "--tls-key");
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(pem);
        }
        catch (CryptographicException fault)
        {
            throw new WorkFailedException($"--tls-cert {certificate}: contains a malformed certificate", fault);
        }

        if (all.Count == 0)
        {
            throw new WorkFailedException($"--tls-cert {certificate}: contains no certificate in PEM form");
        }

        try
        {
            return new HttpsConnectionAdapterOptions
            {
                ServerCertificate = X509Certificate2.CreateFromPem(pem, keyPem),
                ServerCertificateChain = all,
            };
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new WorkFailedException(
                $"--tls-key {key}: does not contain the key of the certificate in {certificate}, in PEM form", fault);
        }
    }

    private static string ReadText(string file, string option)
    {
        try
        {
            using var reader = new StreamReader(InputFile.OpenRead(file));
            return reader.ReadToEnd();
        }
        catch (Exception fault) when (fault is IOException or Errors.BlobsException)
        {
            throw new WorkFailedException($"{option} {fault.Message}", fault);
        }
    }
}
