using Blobs.Cli.Registries;
using Blobs.Distribution.Collection;
using Blobs.Files;
using Blobs.Registry;

namespace Blobs.Cli.Serve;

/// <summary>Settings of <c>blobs serve</c>.</summary>
internal sealed record ServeSettings
{
    public required StorePlace Store { get; init; }

    public required ListenAddress Listen { get; init; }

    public string? Htpasswd { get; init; }

    public bool AnonymousPull { get; init; }

    public bool ReadOnly { get; init; }

    public RegistryHosts Hosts { get; init; }

    public string? TokenKey { get; init; }

    public bool Redirect { get; init; }

    public TimeSpan? CollectEvery { get; init; }

    public CollectionOptions Collection { get; init; } = new();

    public bool Metrics { get; init; }

    public string? TlsCertificate { get; init; }

    public string? TlsKey { get; init; }

    public Durability Durability { get; init; } = Durability.Commit;

    public int ConcurrentUploads { get; init; } = 64;

    /// <summary>How long requests in flight may take after a stop was requested.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(60);

    public bool IsQuiet { get; init; }
}
