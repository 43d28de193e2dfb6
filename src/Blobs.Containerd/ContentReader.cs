using Blobs.Containerd.Api;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Oci;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>Reads documents from containerd's content store, verified.</summary>
internal sealed class ContentReader(Services services, Limits limits)
{
    private const int IndexDepthMax = 4;

    /// <summary>Whether containerd has a blob, in this namespace.</summary>
    public async Task<Info?> FindAsync(Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            InfoResponse found = await services.Content
                .InfoAsync(new InfoRequest { Digest = $"{digest}" }, cancellationToken: cancellationToken).ConfigureAwait(false);
            return found.Info;
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Reads a manifest or an index.</summary>
    public async Task<Manifest> ReadManifestAsync(Descriptor descriptor, CancellationToken cancellationToken)
    {
        byte[] bytes = await ReadAsync(descriptor, nameof(Limits.ManifestBytes), limits.ManifestBytes, cancellationToken)
            .ConfigureAwait(false);
        return ErrorContext.Run(
            $"{descriptor.Digest}", () => Manifest.Parse(bytes, descriptor.MediaType.Length > 0 ? descriptor.MediaType : null, limits));
    }

    /// <summary>Reads the config of an image.</summary>
    public async Task<ImageConfig> ReadConfigAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        byte[] bytes = await ReadAsync(manifest.Config, nameof(Limits.ConfigBytes), limits.ConfigBytes, cancellationToken)
            .ConfigureAwait(false);
        return ErrorContext.Run($"{manifest.Config.Digest}", () => ImageConfig.Parse(bytes, limits));
    }

    /// <summary>The manifest of an image, chosen from its index if it is one. Of the images that fit, one whose manifest
    /// containerd has: it need not have those of other platforms.</summary>
    /// <exception cref="NotFoundException">There is none for the platform.</exception>
    public async Task<ImageManifest> ChooseAsync(ContainerdImage image, Platform platform, CancellationToken cancellationToken)
    {
        Descriptor chosen = image.Target;
        for (int depth = 0; depth <= IndexDepthMax; depth++)
        {
            switch (await ReadManifestAsync(chosen, cancellationToken).ConfigureAwait(false))
            {
                case ImageManifest manifest:
                    return manifest;
                case ImageIndex index:
                    chosen = await ChooseAsync(image, index, platform, cancellationToken).ConfigureAwait(false);
                    break;
            }
        }

        throw new MalformedDataException(
            Fault.ManifestSyntax, 0, $"image {image.Name}: is an index of indexes, more than {IndexDepthMax} deep");
    }

    private async Task<Descriptor> ChooseAsync(
        ContainerdImage image, ImageIndex index, Platform platform, CancellationToken cancellationToken)
    {
        IReadOnlyList<Descriptor> best = PlatformChoice.Best(index.Manifests, platform);
        foreach (Descriptor one in best)
        {
            if (await FindAsync(one.Digest, cancellationToken).ConfigureAwait(false) is not null)
            {
                return one;
            }
        }

        throw new NotFoundException(image.Name, best.Count > 0
            ? $"image {image.Name}: containerd has its index, but not the image for {platform}"
            : $"image {image.Name}: is not for {platform}, but {PlatformChoice.Describe(index.Manifests)}");
    }

    private async Task<byte[]> ReadAsync(Descriptor descriptor, string name, int limit, CancellationToken cancellationToken)
    {
        if (descriptor.Size < 0 || descriptor.Size > limit)
        {
            throw new LimitExceededException(name, limit, $"{descriptor.Digest}: {descriptor.Size} bytes");
        }

        byte[] bytes = new byte[descriptor.Size];
        var stream = new VerifyingStream(ContentBlob.Open(services, descriptor.Digest, 0), descriptor.Digest, descriptor.Size);
        await using (stream.ConfigureAwait(false))
        {
            await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
            await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
        }

        return bytes;
    }
}
