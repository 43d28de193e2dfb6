using System.Runtime.Versioning;
using Blobs.Files;
using Blobs.Storage;

namespace Blobs.Registry;

/// <summary>What a registry stores where, and who may do what; the defaults let everybody do everything.</summary>
public sealed class RegistryOptions
{
    /// <summary>Where the bytes are; one of the <c>Use…</c> methods, or this, has to be set.</summary>
    public IRegistryStorage? Storage { get; set; }

    /// <summary>Limits, and how the store works.</summary>
    public RegistryStoreOptions Store { get; set; } = new();

    /// <summary>A file of <c>USER:BCRYPT</c> lines, as <c>htpasswd -B</c> writes them, read anew when it changes. Null: nobody has to
    /// log in.</summary>
    public string? Htpasswd { get; set; }

    /// <summary>Whether who has not logged in may pull; only means something with <see cref="Htpasswd"/>. Clients then get tokens, as
    /// engines send no password where they may come in without one.</summary>
    public bool AnonymousPull { get; set; }

    /// <summary>Whether nobody may push or delete.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Requests that may write a blob at the same time.</summary>
    public int ConcurrentUploads { get; set; } = 64;

    /// <summary>How long one more of them waits before it is told to come back.</summary>
    public TimeSpan UploadWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether Kestrel gets blocks of 64 KiB for its connections in place of 4: pushes then cost little more than half. Off, as it
    /// replaces the pool of memory for all that the host serves; <c>blobs serve</c> turns it on.</summary>
    public bool LargeBuffers { get; set; }

    /// <summary>How long a token is good for.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Names in one page of the catalog at most; 1,000, as in the reference registry.</summary>
    public int CatalogPageMax { get; set; } = 1000;

    /// <summary>Stores in files below ROOT/docker/registry/v2, as docker-registry does.</summary>
    /// <param name="root">The directory, made when something is pushed.</param>
    /// <param name="durability">What is on disk before a client is told so.</param>
    [SupportedOSPlatform("linux")]
    public RegistryOptions UseFileSystem(string root, Durability durability = Durability.Commit)
    {
        Storage = new FileSystemStorage(root, new FileSystemStorageOptions { Durability = durability });
        return this;
    }
}
