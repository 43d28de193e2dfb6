using System.Security.Cryptography;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <content>Manifests and tags of a repository.</content>
public sealed partial class RegistryStore
{
    /// <summary>Returns the manifest that a tag points to; null when there is none.</summary>
    public async ValueTask<StoredManifest?> FindManifestAsync(
        string repository, string tag, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        CheckTag(tag);
        Digest? current = await TargetOfAsync(RegistryReference.OfTag(repository, tag), cancellationToken).ConfigureAwait(false);
        return current is { } digest ? await FindManifestAsync(repository, digest, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Returns a manifest by its digest; null when the repository does not have it.</summary>
    /// <exception cref="StoreException">The stored manifest is damaged.</exception>
    public async ValueTask<StoredManifest?> FindManifestAsync(
        string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        return await ResolveManifestAsync(repository, digest, cancellationToken).ConfigureAwait(false) is { } canonical
            ? await LoadManifestAsync(canonical, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Stores a manifest in a repository, and points a tag to it.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="tag">The tag; null for none.</param>
    /// <param name="expected">The digest that the manifest must have; null when the client stated none.</param>
    /// <param name="bytes">The document, which is stored unchanged.</param>
    /// <param name="mediaType">The media type that the client stated; null for none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="MalformedDataException">The document is not a manifest, or has another media type.</exception>
    /// <exception cref="LimitExceededException">The document is too long.</exception>
    /// <exception cref="DigestMismatchException">The document has another digest.</exception>
    /// <exception cref="MissingReferencesException">The manifest refers to content that the repository does not
    /// have.</exception>
    /// <exception cref="StorageUnavailableException">Garbage collection deletes the same manifest; the caller may
    /// retry.</exception>
    public async ValueTask<StoredManifest> PutManifestAsync(
        string repository,
        string? tag,
        Digest? expected,
        ReadOnlyMemory<byte> bytes,
        string? mediaType,
        CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        if (tag is not null)
        {
            CheckTag(tag);
        }

        if (expected is { } wanted && HashAs(wanted.Algorithm, bytes.Span) is var found && found != wanted)
        {
            throw new DigestMismatchException("manifest digest", $"{wanted}", $"{found}", bytes.Length);
        }

        // The media type is not stored: pulls take it from the document. So the document must agree with the client.
        Manifest manifest = Manifest.Parse(bytes, null, _options.Limits);
        if (mediaType is not null && !mediaType.Equals(manifest.MediaType, StringComparison.OrdinalIgnoreCase))
        {
            throw new MalformedDataException(
                Fault.ManifestSyntax, 0, $"manifest: reads as {manifest.MediaType}, but was sent as {Shown(mediaType)}");
        }

        if (manifest.SchemaVersion != Manifest.SchemaVersionTwo)
        {
            throw new MalformedDataException(
                Fault.ManifestSyntax, 0, $"manifest: schemaVersion is {manifest.SchemaVersion}, expected {Manifest.SchemaVersionTwo}");
        }

        await new ManifestPush(this, repository, tag, expected, manifest).RunAsync(cancellationToken).ConfigureAwait(false);
        return new StoredManifest(manifest);
    }

    /// <summary>Removes a manifest from a repository, with every tag that points to it; false when the repository does
    /// not have it.</summary>
    public async ValueTask<bool> DeleteManifestAsync(string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        Digest? link = await TargetOfAsync(RegistryReference.ToManifest(repository, digest), cancellationToken).ConfigureAwait(false);
        if (link is not { } canonical)
        {
            return false;
        }

        RegistryListing<ListedReference> tags =
            await _links.ListAsync(repository, ReferenceKind.Tag, default, cancellationToken).ConfigureAwait(false);
        foreach (ListedReference tag in tags.Items)
        {
            if (await TargetOfAsync(tag.Reference, cancellationToken).ConfigureAwait(false) == canonical)
            {
                await _links.DeleteAsync(tag.Reference, cancellationToken).ConfigureAwait(false);
            }
        }

        if (digest != canonical)
        {
            await _links.DeleteAsync(RegistryReference.ToManifest(repository, digest), cancellationToken).ConfigureAwait(false);
        }

        return await _links.DeleteAsync(RegistryReference.ToManifest(repository, canonical), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a tag from a repository, but not the manifest that it points to. False when the tag does not
    /// exist.</summary>
    public ValueTask<bool> DeleteTagAsync(string repository, string tag, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        CheckTag(tag);
        return _links.DeleteAsync(RegistryReference.OfTag(repository, tag), cancellationToken);
    }

    private static Digest HashAs(DigestAlgorithm algorithm, ReadOnlySpan<byte> bytes) => algorithm == DigestAlgorithm.Sha256
        ? Digest.OfSha256(bytes)
        : Digest.FromHash(DigestAlgorithm.Sha512, SHA512.HashData(bytes));

    private static string Shown(string text) => Printable.Quote(System.Text.Encoding.UTF8.GetBytes(text));

    private async ValueTask<StoredManifest?> LoadManifestAsync(Digest canonical, CancellationToken cancellationToken)
    {
        if (_manifests.Find(canonical) is { } known)
        {
            return await CheckDataAsync(canonical, cancellationToken).ConfigureAwait(false) is null ? null : known;
        }

        ReadOnlyMemory<byte>? content =
            await _blobs.ReadAsync(canonical, _options.StoredManifestBytes, cancellationToken).ConfigureAwait(false);
        if (content is not { } bytes)
        {
            return null;
        }

        if (Digest.OfSha256(bytes.Span) != canonical)
        {
            throw new StoreException($"{canonical}", $"{canonical}: the stored manifest is not the one its digest names");
        }

        var manifest = StoredManifest.Of(canonical, bytes, _options.Limits);
        _manifests.Remember(manifest);
        return manifest;
    }

    // Returns the digest under which the content is stored; null unless the repository has a reference to it.
    private async ValueTask<Digest?> ResolveManifestAsync(string repository, Digest digest, CancellationToken cancellationToken)
    {
        Digest? link = await TargetOfAsync(RegistryReference.ToManifest(repository, digest), cancellationToken).ConfigureAwait(false);
        if (link is not { Algorithm: DigestAlgorithm.Sha256 } canonical || digest == canonical)
        {
            return link?.Algorithm == DigestAlgorithm.Sha256 ? link : null;
        }

        Digest? own = await TargetOfAsync(RegistryReference.ToManifest(repository, canonical), cancellationToken).ConfigureAwait(false);
        return own == canonical ? canonical : null;
    }

    /// <summary>Returns whether a repository may lack a blob that an image refers to. It may lack a foreign layer, and
    /// an artifact's blob of a type that engines do not know, if the descriptor has URLs. Ordinary layers are required,
    /// because engines look nowhere else for them.</summary>
    internal static bool IsElsewhere(Descriptor reference) => reference.Urls is { Count: > 0 }
        && (MediaTypes.IsForeignLayer(reference.MediaType) || !MediaTypes.IsOfImage(reference.MediaType));
}
