using System.Globalization;
using System.Text;
using Blobs.Json.Internal;

namespace Blobs.Oci;

/// <summary>Writes new manifests. Equal content gives equal bytes, and so the same digest.</summary>
public static class ManifestWriter
{
    /// <summary>Writes an image manifest.</summary>
    /// <param name="mediaType"><see cref="MediaTypes.OciManifest"/> or <see cref="MediaTypes.DockerManifest"/>.</param>
    /// <param name="config">The config.</param>
    /// <param name="layers">The layers, base first.</param>
    /// <param name="annotations">The annotations; none when null.</param>
    public static ImageManifest Image(
        string mediaType,
        Descriptor config,
        IReadOnlyList<Descriptor> layers,
        IReadOnlyDictionary<string, string>? annotations = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(layers);
        GoJsonWriter json = Begin(mediaType);
        json.Name("config");
        Write(json, config);
        WriteList(json, "layers", layers);
        return (ImageManifest)End(json, annotations);
    }

    /// <summary>Writes an image manifest byte for byte as dockerd's push does: indented by three spaces, size before
    /// digest. So an image has the same digest whether dockerd or blobs pushed it.</summary>
    /// <param name="config">The config; its media type becomes Docker's.</param>
    /// <param name="layers">The layers, base first, with Docker's media types.</param>
    public static ImageManifest DockerImage(Descriptor config, IReadOnlyList<Descriptor> layers)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(layers);
        var json = new StringBuilder("{\n   \"schemaVersion\": 2,\n");
        json.Append(CultureInfo.InvariantCulture, $"   \"mediaType\": \"{MediaTypes.DockerManifest}\",\n   \"config\": ");
        AppendDocker(json, config with { MediaType = MediaTypes.DockerConfig }, "   ");
        json.Append(",\n   \"layers\": [");
        for (int i = 0; i < layers.Count; i++)
        {
            json.Append(i == 0 ? "\n      " : ",\n      ");
            AppendDocker(json, layers[i], "      ");
        }

        json.Append(layers.Count == 0 ? "]\n}" : "\n   ]\n}");
        return (ImageManifest)Manifest.Parse(Encoding.UTF8.GetBytes(json.ToString()));
    }

    /// <summary>Writes an index.</summary>
    /// <param name="mediaType"><see cref="MediaTypes.OciIndex"/> or <see cref="MediaTypes.DockerList"/>.</param>
    /// <param name="manifests">The manifests, the most preferred first.</param>
    /// <param name="annotations">The annotations; none when null.</param>
    public static ImageIndex Index(
        string mediaType, IReadOnlyList<Descriptor> manifests, IReadOnlyDictionary<string, string>? annotations = null)
    {
        ArgumentNullException.ThrowIfNull(manifests);
        GoJsonWriter json = Begin(mediaType);
        WriteList(json, "manifests", manifests);
        return (ImageIndex)End(json, annotations);
    }

    /// <summary>Writes the manifest of an artifact (OCI image-spec manifest.md, "Guidelines for Artifact Usage").</summary>
    /// <param name="artifactType">Its type.</param>
    /// <param name="files">Its files; without any, the empty one takes their place.</param>
    /// <param name="subject">The manifest that it refers to; null for none.</param>
    /// <param name="annotations">The annotations; none when null.</param>
    public static ImageManifest Artifact(
        string artifactType,
        IReadOnlyList<Descriptor> files,
        Descriptor? subject = null,
        IReadOnlyDictionary<string, string>? annotations = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(artifactType);
        ArgumentNullException.ThrowIfNull(files);
        GoJsonWriter json = Begin(MediaTypes.OciManifest);
        json.Name("artifactType");
        json.String(artifactType);
        json.Name("config");
        Write(json, Descriptor.Empty, data: "e30=");
        WriteList(json, "layers", files.Count > 0 ? files : [Descriptor.Empty]);
        if (subject is not null)
        {
            json.Name("subject");
            Write(json, subject);
        }

        return (ImageManifest)End(json, annotations);
    }

    // Size and digest need no escaping.
    private static void AppendDocker(StringBuilder json, Descriptor descriptor, string indent)
    {
        json.Append(
            CultureInfo.InvariantCulture,
            $$"""
            {
            {{indent}}   "mediaType": {{Quoted(descriptor.MediaType)}},
            {{indent}}   "size": {{descriptor.Size}},
            {{indent}}   "digest": "{{descriptor.Digest}}"
            """);
        if (descriptor.Urls is { Count: > 0 } urls)
        {
            string between = $",\n{indent}      ";
            json.Append(
                CultureInfo.InvariantCulture,
                $",\n{indent}   \"urls\": [\n{indent}      {string.Join(between, urls.Select(Quoted))}\n{indent}   ]");
        }

        json.Append(CultureInfo.InvariantCulture, $"\n{indent}}}");
    }

    private static string Quoted(string text) => Encoding.UTF8.GetString(GoJsonWriter.Value(json => json.String(text)));

    private static GoJsonWriter Begin(string mediaType)
    {
        var json = new GoJsonWriter();
        json.BeginObject();
        json.Name("schemaVersion");
        json.Number(2);
        json.Name("mediaType");
        json.String(mediaType);
        return json;
    }

    private static Manifest End(GoJsonWriter json, IReadOnlyDictionary<string, string>? annotations)
    {
        WriteMap(json, "annotations", annotations);
        json.EndObject();
        return Manifest.Parse(json.ToArray());
    }

    private static void WriteList(GoJsonWriter json, string name, IReadOnlyList<Descriptor> descriptors)
    {
        json.Name(name);
        json.BeginArray();
        foreach (Descriptor descriptor in descriptors)
        {
            Write(json, descriptor);
        }

        json.EndArray();
    }

    // Members are in the order of the specification's Go types.
    internal static void Write(GoJsonWriter json, Descriptor descriptor, string? data = null)
    {
        json.BeginObject();
        json.Name("mediaType");
        json.String(descriptor.MediaType);
        json.Name("digest");
        json.String($"{descriptor.Digest}");
        json.Name("size");
        json.Number(descriptor.Size);
        if (descriptor.Urls is { Count: > 0 } urls)
        {
            json.Name("urls");
            json.Strings(urls);
        }

        WriteMap(json, "annotations", descriptor.Annotations);
        WriteText(json, "data", data);
        if (descriptor.Platform is { } platform)
        {
            json.Name("platform");
            Write(json, platform);
        }

        WriteText(json, "artifactType", descriptor.ArtifactType);
        json.EndObject();
    }

    private static void Write(GoJsonWriter json, Platform platform)
    {
        json.BeginObject();
        json.Name("architecture");
        json.String(platform.Architecture);
        json.Name("os");
        json.String(platform.Os);
        WriteText(json, "os.version", platform.OsVersion);
        if (platform.OsFeatures is { Count: > 0 } features)
        {
            json.Name("os.features");
            json.Strings(features);
        }

        WriteText(json, "variant", platform.Variant);
        json.EndObject();
    }

    private static void WriteText(GoJsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.Name(name);
            json.String(value);
        }
    }

    private static void WriteMap(GoJsonWriter json, string name, IReadOnlyDictionary<string, string>? values)
    {
        if (values is { Count: > 0 })
        {
            json.Name(name);
            json.Map(values);
        }
    }
}
