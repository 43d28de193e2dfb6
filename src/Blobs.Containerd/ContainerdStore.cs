using System.Text;
using Blobs.Containerd.Api;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Oci;

namespace Blobs.Containerd;

/// <summary>
/// The images of one namespace of a containerd, through its API. Kubernetes has its images in the namespace <c>k8s.io</c>, Docker
/// with the containerd image store in <c>moby</c>.
/// </summary>
public sealed class ContainerdStore : IDisposable
{
    // The namespace that clients use unless they are told otherwise. It does not exist before the first write.
    private const string Usual = "default";

    // struct sockaddr_un has 108 bytes, the last of which is zero.
    private const int PathBytesMax = 108;

    private readonly Connection _connection;

    private ContainerdStore(string address, string @namespace, ContainerdOptions options)
    {
        Address = address;
        Namespace = @namespace;
        Options = options;
        _connection = new Connection(address, @namespace);
        Content = new ContentReader(Services, options.Limits);
    }

    /// <summary>The usual socket: <c>CONTAINERD_ADDRESS</c> of the environment, or
    /// <c>/run/containerd/containerd.sock</c>.</summary>
    public static string DefaultAddress =>
        Environment.GetEnvironmentVariable("CONTAINERD_ADDRESS") is { Length: > 0 } set ? set : "/run/containerd/containerd.sock";

    /// <summary>The usual namespace: <c>CONTAINERD_NAMESPACE</c> of the environment, or <c>default</c>.</summary>
    public static string DefaultNamespace =>
        Environment.GetEnvironmentVariable("CONTAINERD_NAMESPACE") is { Length: > 0 } set ? set : Usual;

    /// <summary>The path of the socket.</summary>
    public string Address { get; }

    /// <summary>The namespace.</summary>
    public string Namespace { get; }

    internal ContainerdOptions Options { get; }

    internal Services Services => _connection.Services;

    internal ContentReader Content { get; }

    /// <summary>The number of containerd's process; null when it cannot be seen.</summary>
    internal int? Daemon => _connection.Daemon;

    /// <summary>Prepares to talk to a containerd; the first call connects.</summary>
    /// <param name="address">The path of its socket; <see cref="DefaultAddress"/> when null.</param>
    /// <param name="namespace">The namespace; <see cref="DefaultNamespace"/> when null.</param>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="NotFoundException">There is no socket.</exception>
    /// <exception cref="ContainerdException">The path is longer than a socket's can be.</exception>
    public static ContainerdStore Open(string? address = null, string? @namespace = null, ContainerdOptions? options = null)
    {
        const string Scheme = "unix://";
        string path = string.IsNullOrEmpty(address) ? DefaultAddress : address;
        path = path.StartsWith(Scheme, StringComparison.Ordinal) ? path[Scheme.Length..] : path;
        if (!FilePath.IsFile(path))
        {
            throw new NotFoundException(path, $"{path}: no containerd listens here; name its socket");
        }

        if (Encoding.UTF8.GetByteCount(path) >= PathBytesMax)
        {
            throw new ContainerdException("InvalidArgument", $"{path}: the path is too long for a socket; name it through a shorter link");
        }

        return new ContainerdStore(
            path, string.IsNullOrEmpty(@namespace) ? DefaultNamespace : @namespace, options ?? new ContainerdOptions());
    }

    /// <summary>The images, in the order of their names.</summary>
    /// <exception cref="NotFoundException">There is no such namespace. <c>default</c> counts as an empty one until somebody uses
    /// it.</exception>
    /// <exception cref="ContainerdException">containerd cannot be reached, or refuses.</exception>
    public Task<IReadOnlyList<ContainerdImage>> ListAsync(CancellationToken cancellationToken = default) => Failures.OfAsync(
        $"namespace {Namespace}",
        async () =>
        {
            IReadOnlyList<ContainerdImage> images = await ImageNames.ListAsync(Services, cancellationToken).ConfigureAwait(false);
            if (images.Count == 0 && Namespace != Usual)
            {
                await RequireNamespaceAsync(cancellationToken).ConfigureAwait(false);
            }

            return images;
        });

    /// <summary>Finds an image.</summary>
    /// <param name="name">Its name, with or without registry and tag as docker has it, the digest of its target, or the first
    /// digits of that.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    /// <exception cref="ContainerdException">containerd cannot be reached, or refuses.</exception>
    public async Task<ContainerdImage> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ImageNames.Find(await ListAsync(cancellationToken).ConfigureAwait(false), name);
    }

    /// <summary>Opens an image.</summary>
    /// <param name="name">Its name, as <see cref="FindAsync"/> takes it.</param>
    /// <param name="platform">Which image of an index; the one for this machine when null.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <exception cref="NotFoundException">There is no such image, or not for the platform.</exception>
    /// <exception cref="MalformedDataException">Its manifest or config is malformed.</exception>
    /// <exception cref="ContainerdException">containerd cannot be reached, or refuses.</exception>
    public async Task<ContainerdImageSource> OpenAsync(
        string name, Platform? platform = null, CancellationToken cancellationToken = default)
    {
        ContainerdImage image = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        return await Failures.OfAsync($"image {image.Name}", async () =>
        {
            ImageManifest manifest =
                await Content.ChooseAsync(image, platform ?? Platform.Current, cancellationToken).ConfigureAwait(false);
            ImageConfig config = await Content.ReadConfigAsync(manifest, cancellationToken).ConfigureAwait(false);
            return new ContainerdImageSource(this, image, manifest, config);
        }).ConfigureAwait(false);
    }

    /// <summary>Finds out what containerd has of an image.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<ContainerdInspection> InspectAsync(
        string name, Platform? platform = null, CancellationToken cancellationToken = default)
    {
        ContainerdImageSource source = await OpenAsync(name, platform, cancellationToken).ConfigureAwait(false);
        return await Failures.OfAsync(
            $"image {source.Image.Name}", () => ImageInspector.RunAsync(this, source, cancellationToken))
            .ConfigureAwait(false);
    }

    /// <summary>Gives an image one more name. If another image has it, that one loses it.</summary>
    /// <param name="name">The image, as <see cref="FindAsync"/> takes it.</param>
    /// <param name="newName">The new name; without a tag, the tag is <c>latest</c>.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    /// <exception cref="ContainerdException">containerd cannot be reached, or refuses.</exception>
    public async Task TagAsync(string name, ImageReference newName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(newName);
        ContainerdImage image = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        await Failures.OfAsync($"image {newName}", () => ImageWriter.SetAsync(
            Services, $"{newName.WithDefaultTag()}", image.Target, ImageWriter.LabelsIn(Namespace), cancellationToken))
            .ConfigureAwait(false);
    }

    /// <summary>Removes a name, and waits until containerd has removed what only this name kept.</summary>
    /// <param name="name">The name, which removes only itself; or a digest or its first digits, which removes the image with
    /// its only name.</param>
    /// <param name="isForced">Whether a digest also removes an image with several names.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    /// <exception cref="ContainerdException">The image has several names, or containerd cannot be reached, or
    /// refuses.</exception>
    public Task<RemovedName> RemoveAsync(string name, bool isForced = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Failures.OfAsync(
            $"image {name}", () => ImageRemover.RunAsync(Services, name, isForced, cancellationToken));
    }

    /// <summary>Ends the connection.</summary>
    public void Dispose() => _connection.Dispose();

    /// <summary>The services, with a lease on everything that they make.</summary>
    internal Services Under(string lease) => _connection.Under(lease);

    // containerd lists a namespace that does not exist as if it were empty.
    private async Task RequireNamespaceAsync(CancellationToken cancellationToken)
    {
        ListNamespacesResponse found = await Services.Namespaces
            .ListAsync(new ListNamespacesRequest(), cancellationToken: cancellationToken).ConfigureAwait(false);
        string[] names = [.. found.Namespaces.Select(one => one.Name).Order(StringComparer.Ordinal)];
        if (!names.Contains(Namespace))
        {
            string others = names.Length > 0 ? $"; it has {string.Join(", ", names)}" : "";
            throw new NotFoundException(Namespace, $"containerd has no namespace {Namespace}{others}");
        }
    }
}
