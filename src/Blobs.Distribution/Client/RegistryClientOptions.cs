using Blobs.Errors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Blobs.Distribution.Client;

/// <summary>Options of a <see cref="RegistryClient"/>.</summary>
public sealed record RegistryClientOptions
{
    /// <summary>Whether to use HTTP instead of HTTPS for every registry. By default only registries on this machine
    /// (<c>localhost</c>, <c>127.0.0.0/8</c>, <c>::1</c>) may: they are tried with HTTPS first, with any certificate,
    /// then with HTTP.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>A PEM file of certificates to trust in addition to the system's.</summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>Mirrors of registries, in the order in which to try them.</summary>
    public IReadOnlyList<RegistryMirror> Mirrors { get; init; } = [];

    /// <summary>Whether a registry on a public address may send us to loopback, link-local and private addresses: by a
    /// redirect, a token server, the address of an upload, or the URLs of a blob. Servers that you name yourself may be
    /// anywhere in any case.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>The source of credentials. When null, the logins that docker stored (<see cref="DockerConfig"/>), then those of
    /// podman and skopeo.</summary>
    public ICredentialSource? Credentials { get; init; }

    /// <summary>Receives warnings: one for each registry whose credentials could not be looked up. Null ignores them.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Logs requests, retries, and mirrors that fail. Nothing by default.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Retries of a request that failed for now: a lost connection, 408, 429, 500, 502, 503, 504. Also how
    /// often the download of a blob may be cut without another MiB received.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The idle timeout: a connection that is silent for longer counts as lost. One minute by default; fifteen
    /// times as long after the last byte of an upload.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The most connections to one registry.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Limits on answers.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>A handler to send requests with, for tests and for programs that watch or route traffic. It must not
    /// follow redirects, and is not disposed. As it connects by itself, private addresses are recognized only where an
    /// address, and not a name, is given. Null: a handler of the client's own, which follows <c>HTTP_PROXY</c>,
    /// <c>HTTPS_PROXY</c> and <c>NO_PROXY</c> as Go's clients do.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The clock for delays and token expiry.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal AddressGuard? Guard { get; init; }
}
