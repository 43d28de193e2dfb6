using System.Runtime.Versioning;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Files;

namespace Blobs.Registry;

/// <summary>Options of a registry: its storage and its access rules. By default anyone may pull, push and delete.</summary>
public sealed class RegistryOptions
{
    /// <summary>The storage. Set it here or with a <c>Use…</c> method.</summary>
    public IRegistryStorage? Storage { get; set; }

    /// <summary>Options of the store, with its limits.</summary>
    public RegistryStoreOptions Store { get; set; } = new();

    /// <summary>A file of <c>USER:BCRYPT</c> lines, as <c>htpasswd -B</c> writes them, reloaded when it changes. Null:
    /// no login is needed.</summary>
    public string? Htpasswd { get; set; }

    /// <summary>Whether pulls need no login; only has an effect with <see cref="Htpasswd"/>. Clients then get tokens, as
    /// dockerd sends no password where none is required.</summary>
    public bool AnonymousPull { get; set; }

    /// <summary>Whether pushes and deletes are rejected.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>How many hosts serve the storage at the same time.</summary>
    public RegistryHosts Hosts { get; set; }

    /// <summary>A file with the secret that signs tokens, at least 32 bytes, the same on every host. Null: a secret of
    /// this process, so that no other host accepts its tokens.</summary>
    public string? TokenKeyFile { get; set; }

    /// <summary>Whether a GET of a blob is answered with an address in the storage, where it has such addresses, so that
    /// the bytes do not pass through this host. Clients must reach the storage.</summary>
    public bool Redirect { get; set; }

    /// <summary>How often the host collects garbage; null for never, which is the default. Of several hosts one does it at a
    /// time.</summary>
    public TimeSpan? CollectEvery { get; set; }

    /// <summary>How the host collects garbage. The minimum age is that of <see cref="Store"/>.</summary>
    public CollectionOptions Collection { get; set; } = new();

    /// <summary>Requests that may upload a blob at the same time.</summary>
    public int ConcurrentUploads { get; set; } = 64;

    /// <summary>How long a further upload waits before it is answered with 429.</summary>
    public TimeSpan UploadWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether Kestrel uses blocks of 64 KiB instead of 4 KiB for its connections, which nearly halves the cost
    /// of pushes. Off by default, as it replaces the memory pool of the whole host; <c>blobs serve</c> turns it on.</summary>
    public bool LargeBuffers { get; set; }

    /// <summary>How long a token is valid.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The most names in one page of the catalog; 1,000 by default, as in docker-registry.</summary>
    public int CatalogPageMax { get; set; } = 1000;

    /// <summary>Stores in files below ROOT/docker/registry/v2, as docker-registry does.</summary>
    /// <param name="root">The directory; created by the first push.</param>
    /// <param name="durability">What is synced to disk before a push is acknowledged.</param>
    [SupportedOSPlatform("linux")]
    public RegistryOptions UseFileSystem(string root, Durability durability = Durability.Commit)
    {
        Storage = new FileSystemStorage(root, new FileSystemStorageOptions { Durability = durability });
        return this;
    }
}
