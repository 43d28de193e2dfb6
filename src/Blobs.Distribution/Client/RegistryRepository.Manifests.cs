using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Client;

/// <content>Fetching, finding and pushing manifests.</content>
public sealed partial class RegistryRepository
{
    private const string DigestHeader = "Docker-Content-Digest";

    // By this header a registry says that it lists the manifest as a referrer itself (distribution-spec, "Pushing
    // Manifests with Subject").
    private const string SubjectHeader = "OCI-Subject";

    /// <summary>Fetches the manifest or index behind a tag.</summary>
    /// <exception cref="RegistryException">There is none, or the registry refuses.</exception>
    /// <exception cref="MalformedDataException">The answer is not a manifest.</exception>
    /// <exception cref="LimitExceededException">It is longer than <see cref="Limits.ManifestBytes"/>.</exception>
    public Task<Manifest> GetManifestAsync(string tag, CancellationToken cancellationToken = default) =>
        FromMirrorsAsync(repository => repository.FetchAsync(CheckedTag(tag), null, cancellationToken));

    /// <summary>Fetches a manifest or index by its digest, and checks the digest.</summary>
    /// <exception cref="RegistryException">There is none, or the registry refuses.</exception>
    /// <exception cref="DigestMismatchException">The document has another digest.</exception>
    /// <exception cref="MalformedDataException">The answer is not a manifest.</exception>
    /// <exception cref="LimitExceededException">It is longer than <see cref="Limits.ManifestBytes"/>.</exception>
    public Task<Manifest> GetManifestAsync(Digest digest, CancellationToken cancellationToken = default) =>
        FromMirrorsAsync(repository => repository.FetchAsync($"{digest}", digest, cancellationToken));

    /// <summary>Fetches the manifest of an image name: by its digest, else its tag, else <c>latest</c>.</summary>
    /// <inheritdoc cref="GetManifestAsync(Digest, CancellationToken)"/>
    public Task<Manifest> GetManifestAsync(ImageReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return reference.Digest is { } digest
            ? GetManifestAsync(digest, cancellationToken)
            : GetManifestAsync(reference.Tag ?? TagName.Default, cancellationToken);
    }

    /// <summary>Finds a manifest's digest, type and size without fetching it; null when there is none.</summary>
    /// <param name="tag">Tag, or text form of a digest.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    public async Task<Descriptor?> FindManifestAsync(string tag, CancellationToken cancellationToken = default)
    {
        Uri address = await ResolveAsync($"manifests/{CheckedTag(tag)}", cancellationToken).ConfigureAwait(false);
        var request = new RegistryRequest(HttpMethod.Head, address, _pull) { Accept = MediaTypes.Manifests };
        using HttpResponseMessage response = await _connection.SendAsync(
            request, cancellationToken, HttpStatusCode.OK, HttpStatusCode.NotFound).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        return new Descriptor
        {
            MediaType = response.Content.Headers.ContentType?.MediaType ?? MediaTypes.OctetStream,
            Digest = DigestOf(response)
                ?? throw new MalformedDataException(Fault.RegistryAnswer, 0, $"{request}: the answer has no {DigestHeader}"),
            Size = response.Content.Headers.ContentLength ?? 0,
        };
    }

    /// <summary>Pushes a manifest. The repository must already have the content it refers to. A manifest with a subject
    /// becomes a referrer of it, also in registries that do not list referrers: there it is added to the index under the
    /// fallback tag (OCI distribution-spec, "Pushing Manifests with Subject").</summary>
    /// <param name="manifest">The manifest; its bytes are sent as they are.</param>
    /// <param name="tag">The tag to set; when null, the manifest has its digest only.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="RegistryException">The registry refuses, for instance because a blob is missing.</exception>
    /// <exception cref="MalformedDataException">The fallback tag names something else than an index.</exception>
    public async Task PutManifestAsync(Manifest manifest, string? tag = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        bool isListed = await PutAsync(manifest, tag, cancellationToken).ConfigureAwait(false);
        if (!isListed && manifest.Subject is { } subject)
        {
            await EditFallbackAsync(subject.Digest, manifest.Digest, manifest.DescribeReferrer(), cancellationToken).ConfigureAwait(false);
        }
    }

    // Whether the registry lists the manifest as a referrer of its subject.
    private async Task<bool> PutAsync(Manifest manifest, string? tag, CancellationToken cancellationToken)
    {
        string reference = tag is null ? $"{manifest.Digest}" : CheckedTag(tag);
        Uri address = await ResolveAsync($"manifests/{reference}", cancellationToken).ConfigureAwait(false);
        var request = new RegistryRequest(HttpMethod.Put, address, _push)
        {
            Body = () => new ReadOnlyMemoryContent(manifest.Bytes)
            {
                Headers = { ContentType = new MediaTypeHeaderValue(manifest.MediaType) },
            },
        };
        using HttpResponseMessage response = await _connection.SendAsync(
            request, cancellationToken, HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Accepted,
            HttpStatusCode.NoContent).ConfigureAwait(false);
        if (DigestOf(response) is { Algorithm: DigestAlgorithm.Sha256 } stored && stored != manifest.Digest)
        {
            throw new DigestMismatchException($"{request}: digest", $"{manifest.Digest}", $"{stored}", manifest.Bytes.Length);
        }

        return response.Headers.Contains(SubjectHeader);
    }

    private async Task<Manifest> FetchAsync(string reference, Digest? expected, CancellationToken cancellationToken)
    {
        Uri address = await ResolveAsync($"manifests/{reference}", cancellationToken).ConfigureAwait(false);
        var request = new RegistryRequest(HttpMethod.Get, address, _pull) { Accept = MediaTypes.Manifests };
        using HttpResponseMessage response =
            await _connection.SendAsync(request, cancellationToken, HttpStatusCode.OK).ConfigureAwait(false);
        return await ReadAsync(request, response, reference, expected, cancellationToken).ConfigureAwait(false);
    }

    // Null when there is none.
    private async Task<Manifest?> TryFetchAsync(string reference, Digest? expected, CancellationToken cancellationToken)
    {
        Uri address = await ResolveAsync($"manifests/{reference}", cancellationToken).ConfigureAwait(false);
        var request = new RegistryRequest(HttpMethod.Get, address, _pull) { Accept = MediaTypes.Manifests };
        using HttpResponseMessage response = await _connection
            .SendAsync(request, cancellationToken, HttpStatusCode.OK, HttpStatusCode.NotFound).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.NotFound
            ? null
            : await ReadAsync(request, response, reference, expected, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Manifest> ReadAsync(
        RegistryRequest request, HttpResponseMessage response, string reference, Digest? expected, CancellationToken cancellationToken)
    {
        Limits limits = _connection.Options.Limits;
        byte[] bytes = await BoundedBody.ReadAsync(
            request, response, nameof(Limits.ManifestBytes), limits.ManifestBytes, _connection.Options.IdleTimeout,
            cancellationToken).ConfigureAwait(false);
        Check(request, bytes, expected);
        Check(request, bytes, DigestOf(response));

        // Some registries send text/plain or application/json; then the document's own mediaType decides.
        string? type = response.Content.Headers.ContentType?.MediaType;
        string name = $"{Name}{(reference.Contains(':', StringComparison.Ordinal) ? '@' : ':')}{reference}";
        return ErrorContext.Run(
            name, () => Manifest.Parse(bytes, type is not null && MediaTypes.Manifests.Contains(type) ? type : null, limits));
    }

    private static void Check(RegistryRequest request, byte[] bytes, Digest? expected)
    {
        if (expected is { } digest)
        {
            Digest found = digest.Algorithm == DigestAlgorithm.Sha256
                ? Digest.OfSha256(bytes)
                : Digest.FromHash(DigestAlgorithm.Sha512, SHA512.HashData(bytes));
            if (found != digest)
            {
                throw new DigestMismatchException($"{request}: digest", $"{digest}", $"{found}", bytes.Length);
            }
        }
    }

    private static Digest? DigestOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(DigestHeader, out IEnumerable<string>? values)
        && Digest.TryParse(values.First(), null, out Digest digest)
            ? digest
            : null;

    // The text becomes part of a path.
    private static string CheckedTag(string tag) => TagName.IsValid(tag) || Digest.TryParse(tag, null, out _)
        ? tag
        : throw new ArgumentException($"'{tag}' is neither a tag nor a digest", nameof(tag));
}
