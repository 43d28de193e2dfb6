using Blobs.Docker.Images;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Oci.Internal;

namespace Blobs.Docker;

/// <summary>Writes the output of <c>docker inspect</c> for an image.</summary>
internal static class ImageInspection
{
    /// <summary>Returns compact JSON with the members that <c>docker inspect</c> prints.</summary>
    public static byte[] Write(Image image, ImageReference[] names, long size, DriverData driver)
    {
        ImageConfig config = image.Config;
        var json = new GoJsonWriter();
        json.BeginObject();
        json.Text("Id", $"{image.Id}");
        json.Name("RepoTags");
        json.Strings(names.Where(name => name.Digest is null).Select(name => name.Familiar));
        json.Name("RepoDigests");
        json.Strings(names.Where(name => name.Digest is not null).Select(name => name.Familiar));
        json.Text("Parent", image.Parent?.ToString());
        json.Text("Comment", config is { Comment: null or "", History: [.., var last] } ? last.Comment : config.Comment);
        json.Text("Created", GoTime.Normalize(config.Created) ?? GoTime.Zero);
        json.Text("Container", config.Container);
        json.Name("ContainerConfig");
        RunConfigWriter.Write(json, config.ContainerConfig);
        json.Text("DockerVersion", config.DockerVersion);
        json.Text("Author", config.Author);
        json.Name("Config");
        json.Raw(config.HasConfig ? RunConfigWriter.ToJson(config.Config) : "null"u8);
        json.Text("Architecture", config.Platform.Architecture);
        json.TextIfAny("Variant", config.Platform.Variant);
        json.Text("Os", config.Platform.Os);
        json.TextIfAny("OsVersion", config.Platform.OsVersion);
        json.Name("Size");
        json.Number(size);
        json.Name("VirtualSize");
        json.Number(size);
        driver.Write(json);
        WriteRootFs(json, config);
        json.Name("Metadata");
        json.BeginObject();
        json.Text("LastTagTime", GoTime.Normalize(image.LastUpdated) ?? GoTime.Zero);
        json.EndObject();
        json.EndObject();
        return json.ToArray();
    }

    private static void WriteRootFs(GoJsonWriter json, ImageConfig config)
    {
        json.Name("RootFS");
        json.BeginObject();
        json.Text("Type", "layers");
        if (config.DiffIds.Count > 0)
        {
            json.Name("Layers");
            json.Strings(config.DiffIds.Select(id => $"{id}"));
        }

        json.EndObject();
    }
}
