using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An opened image or artifact, and the archive that must stay open while it is read.</summary>
[SupportedOSPlatform("linux")]
internal sealed class OpenSource(IImageSource? image, Artifact? artifact, IDisposable? owner) : IAsyncDisposable
{
    /// <summary>The image; null for an artifact.</summary>
    public IImageSource? Image => image;

    /// <summary>The artifact; null for an image.</summary>
    public Artifact? Artifact => artifact;

    public static async Task<OpenSource> AtAsync(
        ImagePlace from, RegistryClient client, Platform? platform, CancellationToken cancellationToken)
    {
        switch (from.Transport)
        {
            case ImageTransport.DockerData:
                return AtRoot(from);
            case ImageTransport.DockerArchive or ImageTransport.Oci or ImageTransport.OciArchive:
                IArchiveFiles files =
                    await ImageArchive.OpenFilesAsync(from.Path, Limits.Default, cancellationToken).ConfigureAwait(false);
                ImageArchive archive = ImageArchive.Open(
                    files, Limits.Default, from.Transport is ImageTransport.Oci or ImageTransport.OciArchive, platform, from.Name)
                    .With(client);
                try
                {
                    Artifact? artifact = archive.FindArtifact(from.Name);
                    return new OpenSource(artifact is null ? archive.Find(from.Name) : null, artifact, archive);
                }
                catch
                {
                    archive.Dispose();
                    throw;
                }

            default:
                RegistryContent content = await RegistryContent
                    .OpenAsync(client, ImageReference.Parse(from.Name!), platform, cancellationToken).ConfigureAwait(false);
                return new OpenSource(content.Image, content.Artifact, null);
        }
    }

    public ValueTask DisposeAsync()
    {
        owner?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static OpenSource AtRoot(ImagePlace from)
    {
        DockerRoot root = DockerRoot.Open(from.Path);
        Image image = root.Find(from.Name
            ?? throw new MalformedDataException(Fault.ReferenceSyntax, 0, $"{from}: name an image, as docker-data:{from.Path}//NAME"));
        bool isName = ImageReference.TryParse(from.Name, out ImageReference? name) && root.Names.Read().TryGet(name, out _);
        return new OpenSource(new DockerImageSource(root, image, isName ? [name!.WithDefaultTag()] : []), null, null);
    }
}
