using System.Runtime.Versioning;
using Blobs.Client;
using Blobs.Engine;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An image at a location, and what must stay open while it is read.</summary>
[SupportedOSPlatform("linux")]
internal sealed class OpenSource(IImageSource image, IDisposable? owner) : IAsyncDisposable
{
    public IImageSource Image => image;

    public static async Task<OpenSource> AtAsync(
        ImageLocation from, RegistryClient client, Platform? platform, CancellationToken cancellationToken)
    {
        switch (from.Transport)
        {
            case ImageTransport.DockerData:
                return AtRoot(from);
            case ImageTransport.DockerArchive or ImageTransport.Oci or ImageTransport.OciArchive:
                IArchiveFiles files =
                    await ImageArchive.OpenFilesAsync(from.Path, Limits.Default, cancellationToken).ConfigureAwait(false);
                ImageArchive archive = ImageArchive.Open(
                    files, Limits.Default, from.Transport is ImageTransport.Oci or ImageTransport.OciArchive, platform, from.Name);
                try
                {
                    return new OpenSource(archive.Find(from.Name), archive);
                }
                catch
                {
                    archive.Dispose();
                    throw;
                }

            default:
                return new OpenSource(
                    await RegistryImageSource.OpenAsync(
                        client, ImageReference.Parse(from.Name!), platform, cancellationToken: cancellationToken).ConfigureAwait(false),
                    null);
        }
    }

    public ValueTask DisposeAsync()
    {
        owner?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static OpenSource AtRoot(ImageLocation from)
    {
        EngineRoot root = EngineRoot.Open(from.Path);
        Image image = root.Find(from.Name
            ?? throw new MalformedDataException(Fault.ReferenceSyntax, 0, $"{from}: say which image, as docker-data:{from.Path}//NAME"));
        bool isName = ImageReference.TryParse(from.Name, out ImageReference? name) && root.Names.Read().TryGet(name, out _);
        return new OpenSource(new EngineImageSource(root, image, isName ? [name!.WithDefaultTag()] : []), null);
    }
}
