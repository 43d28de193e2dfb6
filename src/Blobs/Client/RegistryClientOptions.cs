using Blobs.Errors;

namespace Blobs.Client;

/// <summary>How a <see cref="RegistryClient"/> talks.</summary>
public sealed record RegistryClientOptions
{
    /// <summary>Whether to speak HTTP instead of HTTPS to every registry. Without this, only those on this machine (<c>localhost</c>,
    /// <c>127.0.0.0/8</c>, <c>::1</c>) are: they are tried with HTTPS first, any certificate being good enough, then with HTTP.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>A PEM file of certificates to trust besides the system's own.</summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>Who knows credentials; <see cref="DockerConfig"/> when null.</summary>
    public ICredentialSource? Credentials { get; init; }

    /// <summary>Told of what is wrong and does not stop the work: once of each registry whose credentials could not be looked
    /// for. Nobody is when null.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Tries after the first one, for what may pass: a lost connection, 408, 429, 500, 502, 503, 504. Also how often a
    /// blob's connection may be cut before another MiB of it came.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>Longest silence of a registry that is asked for something, one minute by default; after it the connection counts as
    /// lost. One that was sent something may take fifteen times as long after the last byte.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Connections to one registry at a time.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>What answers may demand.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Sends the requests in place of a handler of the client's own, which follows <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c> and
    /// <c>NO_PROXY</c> as Go's clients do. It must not follow redirects, and stays its owner's. For tests, and for programs that watch
    /// or route traffic.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The clock that waits and expiry follow.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
