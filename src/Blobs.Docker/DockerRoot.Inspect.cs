using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Oci.Internal;

namespace Blobs.Docker;

/// <content>What <c>docker inspect</c> says.</content>
public sealed partial class DockerRoot
{
    /// <summary>All that is known of an image, as compact JSON: member for member what <c>docker inspect</c> prints.</summary>
    /// <param name="image">An image of this root.</param>
    public ReadOnlyMemory<byte> Inspect(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        ImageConfig config = image.Config;
        long size = config.ChainIds.Sum(id => Layers.TryGet(id)?.Size ?? 0);
        string? tree = config.ChainId is { } top ? Layers.TryGet(top)?.CacheId : null;
        return Inspect(image, [.. Names.Read().Of(image.Id)], size, DriverAt(tree));
    }

    /// <summary>As the public one, of what the documents say alone.</summary>
    internal static byte[] Inspect(Image image, ImageReference[] names, long size, DriverData driver)
    {
        ImageConfig config = image.Config;
        var json = new GoJsonWriter();
        json.BeginObject();
        Text(json, "Id", $"{image.Id}");
        json.Name("RepoTags");
        json.Strings(names.Where(name => name.Digest is null).Select(name => name.Familiar));
        json.Name("RepoDigests");
        json.Strings(names.Where(name => name.Digest is not null).Select(name => name.Familiar));
        Text(json, "Parent", image.Parent?.ToString());
        Text(json, "Comment", config is { Comment: null or "", History: [.., var last] } ? last.Comment : config.Comment);
        Text(json, "Created", GoTime.Normalize(config.Created) ?? GoTime.Zero);
        Text(json, "Container", config.Container);
        json.Name("ContainerConfig");
        RunConfigWriter.Write(json, config.ContainerConfig);
        Text(json, "DockerVersion", config.DockerVersion);
        Text(json, "Author", config.Author);
        json.Name("Config");
        json.Raw(config.HasConfig ? RunConfigWriter.ToJson(config.Config) : "null"u8);
        Text(json, "Architecture", config.Platform.Architecture);
        TextIfAny(json, "Variant", config.Platform.Variant);
        Text(json, "Os", config.Platform.Os);
        TextIfAny(json, "OsVersion", config.Platform.OsVersion);
        json.Name("Size");
        json.Number(size);
        json.Name("VirtualSize");
        json.Number(size);
        WriteDriver(json, driver);
        WriteRootFs(json, config);
        json.Name("Metadata");
        json.BeginObject();
        Text(json, "LastTagTime", GoTime.Normalize(image.LastUpdated) ?? GoTime.Zero);
        json.EndObject();
        json.EndObject();
        return json.ToArray();
    }

    /// <summary>All that is known of a container, as compact JSON with the members that <c>docker inspect</c> prints. What the engine
    /// makes up while it runs is as its files have it.</summary>
    /// <param name="container">A container of this root.</param>
    /// <exception cref="StoreException">Its files are damaged.</exception>
    public ReadOnlyMemory<byte> Inspect(Container container)
    {
        ArgumentNullException.ThrowIfNull(container);
        (byte[] config, byte[] hostConfig) = Containers.ReadFiles(container);
        try
        {
            DriverData driver = DriverAt(Layers.TryGetReadWrite(container.Id)?.MountId);
            return Inspect(container, config, hostConfig, driver, Containers.SourceOf);
        }
        catch (MalformedDataException error)
        {
            throw new StoreException(Path, $"{Path}: {error.Message}", error);
        }
    }

    /// <summary>As the public one, of what the files say alone.</summary>
    internal static byte[] Inspect(
        Container container,
        ReadOnlyMemory<byte> config,
        ReadOnlyMemory<byte> hostConfig,
        DriverData driver,
        Func<string, string, string>? sourceOf = null)
    {
        using GoDocument document = GoDocument.ParseFirst(config, $"container {container.Id}", Fault.RootDocument);
        using GoDocument host = GoDocument.ParseFirst(hostConfig, $"host config of container {container.Id}", Fault.RootDocument);
        GoObject file = document.Root.Object();
        var json = new GoJsonWriter();
        json.BeginObject();
        Text(json, "Id", container.Id);
        Text(json, "Created", GoTime.Normalize(container.Created));
        Text(json, "Path", container.Path);
        json.Name("Args");
        json.Strings(container.Arguments);
        WriteState(json, container, file["State"].Object());
        CopyTexts(json, file, "Image", "ResolvConfPath", "HostnamePath", "HostsPath", "LogPath", "Name");
        CopyNumbers(json, file, "RestartCount");
        Text(json, "Driver", container.Driver);
        Text(json, "Platform", "linux");
        CopyTexts(json, file, "MountLabel", "ProcessLabel", "AppArmorProfile");
        json.Name("ExecIDs");
        json.Null();
        json.Name("HostConfig");
        json.Raw(host.Root.Raw());
        WriteDriver(json, driver);
        WriteMounts(json, file["MountPoints"], sourceOf);
        json.Name("Config");
        RunConfigWriter.Write(json, container.Config);
        json.Name("NetworkSettings");
        json.Raw(file["NetworkSettings"].Raw());
        json.EndObject();
        return json.ToArray();
    }

    private DriverData DriverAt(string? id) => new(DriverName, id is null ? null : Context.Driver.Describe(id));

    private static void WriteState(GoJsonWriter json, Container container, GoObject state)
    {
        json.Name("State");
        json.BeginObject();
        Text(json, "Status", container.State.Word);
        foreach (string name in (string[])["Running", "Paused", "Restarting", "OOMKilled", "Dead"])
        {
            json.Name(name);
            json.Boolean(state[name].Flag());
        }

        CopyNumbers(json, state, "Pid", "ExitCode");
        CopyTexts(json, state, "Error");
        Text(json, "StartedAt", GoTime.Normalize(container.State.StartedAt));
        Text(json, "FinishedAt", GoTime.Normalize(container.State.FinishedAt));
        if (state["Health"].ObjectIfAny() is { } health)
        {
            WriteHealth(json, health);
        }

        json.EndObject();
    }

    // A check that has not been set up yet counts as failed.
    private static void WriteHealth(GoJsonWriter json, GoObject health)
    {
        json.Name("Health");
        json.BeginObject();
        Text(json, "Status", health["Status"].Text() is { Length: > 0 } status ? status : "unhealthy");
        CopyNumbers(json, health, "FailingStreak");
        json.Name("Log");
        json.BeginArray();
        foreach (GoObject run in health["Log"].List(value => value.Object()) ?? [])
        {
            json.BeginObject();
            Text(json, "Start", GoTime.Normalize(run["Start"].Time()) ?? GoTime.Zero);
            Text(json, "End", GoTime.Normalize(run["End"].Time()) ?? GoTime.Zero);
            CopyNumbers(json, run, "ExitCode");
            CopyTexts(json, run, "Output");
            json.EndObject();
        }

        json.EndArray();
        json.EndObject();
    }

    // The engine shows them in no order at all; here it is that of their places.
    private static void WriteMounts(GoJsonWriter json, GoValue mounts, Func<string, string, string>? sourceOf)
    {
        json.Name("Mounts");
        json.BeginArray();
        var places = mounts.Map(value => value.Object()) ?? new Dictionary<string, GoObject>();
        foreach ((string place, GoObject mount) in places.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            string name = mount["Name"].Text() ?? "";
            string type = mount["Type"].Text() ?? "";
            json.BeginObject();
            TextIfAny(json, "Type", type);
            TextIfAny(json, "Name", name);
            Text(json, "Source", mount["Source"].Text() is { Length: > 0 } source ? source : sourceOf?.Invoke(type, name));
            Text(json, "Destination", mount["Destination"].Text() is { Length: > 0 } destination ? destination : place);
            TextIfAny(json, "Driver", mount["Driver"].Text());
            Text(json, "Mode", mount["Relabel"].Text());
            json.Name("RW");
            json.Boolean(mount["RW"].Flag());
            Text(json, "Propagation", mount["Propagation"].Text());
            json.EndObject();
        }

        json.EndArray();
    }

    private static void CopyTexts(GoJsonWriter json, GoObject file, params string[] names)
    {
        foreach (string name in names)
        {
            Text(json, name, file[name].Text());
        }
    }

    private static void CopyNumbers(GoJsonWriter json, GoObject file, params string[] names)
    {
        foreach (string name in names)
        {
            json.Name(name);
            json.Number(file[name].Number());
        }
    }

    private static void WriteDriver(GoJsonWriter json, DriverData driver)
    {
        json.Name("GraphDriver");
        json.BeginObject();
        json.Name("Data");
        json.Map(driver.Data);
        Text(json, "Name", driver.Name);
        json.EndObject();
    }

    private static void WriteRootFs(GoJsonWriter json, ImageConfig config)
    {
        json.Name("RootFS");
        json.BeginObject();
        Text(json, "Type", "layers");
        if (config.DiffIds.Count > 0)
        {
            json.Name("Layers");
            json.Strings(config.DiffIds.Select(id => $"{id}"));
        }

        json.EndObject();
    }

    private static void Text(GoJsonWriter json, string name, string? value)
    {
        json.Name(name);
        json.String(value ?? "");
    }

    private static void TextIfAny(GoJsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Text(json, name, value);
        }
    }

    /// <summary>Where a storage driver keeps a tree.</summary>
    /// <param name="Name">The driver.</param>
    /// <param name="Data">Its directories; null when there is no tree.</param>
    internal sealed record DriverData(string Name, IReadOnlyDictionary<string, string>? Data);
}
