using System.Text;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Storage;

/// <summary>
/// A registry without HTTP: repositories of blobs, manifests and tags over any <see cref="IRegistryStorage"/>, laid out as docker-registry
/// lays them out. A repository has a blob or manifest when it has a link to it and the bytes are there; bytes alone belong to
/// nobody. Bytes are durable before a link names them, and a link before a tag means it.
/// </summary>
public sealed partial class RegistryStore
{
    // "sha256:" and 64 digits; anything longer is no link.
    internal const int LinkBytesMax = 512;

    private readonly IRegistryStorage _storage;
    private readonly RegistryStoreOptions _options;
    private readonly ManifestCache _manifests;
    private readonly UploadStates _uploads = new();
    private readonly ReferrersIndex _referrers;

    /// <param name="storage">Where the bytes are.</param>
    /// <param name="options">How to work.</param>
    public RegistryStore(IRegistryStorage storage, RegistryStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        _storage = storage;
        _options = options ?? new RegistryStoreOptions();
        _manifests = new ManifestCache(_options.ManifestCacheBytes);
        _referrers = new ReferrersIndex();
    }

    /// <inheritdoc cref="IRegistryStorage.PrepareAsync"/>
    public ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default) =>
        _storage.PrepareAsync(mayWrite, cancellationToken);

    /// <summary>Whether the storage can be reached: asks it for something cheap, and throws what it throws.</summary>
    public async ValueTask ProbeAsync(CancellationToken cancellationToken = default) =>
        await _storage.FindAsync(RegistryPaths.Repositories, cancellationToken).ConfigureAwait(false);

    // Names become paths: nothing that is no name gets any further.
    private static void CheckName(string repository)
    {
        if (!RepositoryName.IsValid(repository))
        {
            throw new ArgumentException("not a repository's name", nameof(repository));
        }
    }

    private static void CheckTag(string tag)
    {
        if (!TagName.IsValid(tag))
        {
            throw new ArgumentException("not a tag", nameof(tag));
        }
    }

    // A link that is not exactly a digest was never finished: the reference registry writes them in place.
    private async ValueTask<Digest?> ReadLinkAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            ReadOnlyMemory<byte>? content = await _storage.ReadAsync(key, LinkBytesMax, cancellationToken).ConfigureAwait(false);
            return content is { } text ? ParseLink(text.Span) : null;
        }
        catch (StoreException)
        {
            // Longer than any link.
            return null;
        }
    }

    internal static Digest? ParseLink(ReadOnlySpan<byte> text)
    {
        Span<char> characters = stackalloc char[LinkBytesMax];
        int length = Encoding.Latin1.GetChars(text, characters);
        return Digest.TryParse(characters[..length], null, out Digest digest) ? digest : null;
    }

    private ValueTask WriteLinkAsync(string key, Digest target, CancellationToken cancellationToken) =>
        _storage.WriteAsync(key, Encoding.ASCII.GetBytes($"{target}"), cancellationToken);
}
