using Blobs.Docker.Containers;
using Blobs.Errors;
using Blobs.Json.Internal;
using Blobs.Oci.Internal;

namespace Blobs.Docker;

/// <summary>Writes the output of <c>docker inspect</c> for a container.</summary>
internal static class ContainerInspection
{
    /// <summary>Returns compact JSON with the members that <c>docker inspect</c> prints.</summary>
    public static byte[] Write(
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
        json.Text("Id", container.Id);
        json.Text("Created", GoTime.Normalize(container.Created));
        json.Text("Path", container.Path);
        json.Name("Args");
        json.Strings(container.Arguments);
        WriteState(json, container, file["State"].Object());
        json.CopyTexts(file, "Image", "ResolvConfPath", "HostnamePath", "HostsPath", "LogPath", "Name");
        json.CopyNumbers(file, "RestartCount");
        json.Text("Driver", container.Driver);
        json.Text("Platform", "linux");
        json.CopyTexts(file, "MountLabel", "ProcessLabel", "AppArmorProfile");
        json.Name("ExecIDs");
        json.Null();
        json.Name("HostConfig");
        json.Raw(host.Root.Raw());
        driver.Write(json);
        WriteMounts(json, file["MountPoints"], sourceOf);
        json.Name("Config");
        RunConfigWriter.Write(json, container.Config);
        json.Name("NetworkSettings");
        json.Raw(file["NetworkSettings"].Raw());
        json.EndObject();
        return json.ToArray();
    }

    private static void WriteState(GoJsonWriter json, Container container, GoObject state)
    {
        json.Name("State");
        json.BeginObject();
        json.Text("Status", container.State.Word);
        foreach (string name in (string[])["Running", "Paused", "Restarting", "OOMKilled", "Dead"])
        {
            json.Name(name);
            json.Boolean(state[name].Flag());
        }

        json.CopyNumbers(state, "Pid", "ExitCode");
        json.CopyTexts(state, "Error");
        json.Text("StartedAt", GoTime.Normalize(container.State.StartedAt));
        json.Text("FinishedAt", GoTime.Normalize(container.State.FinishedAt));
        if (state["Health"].ObjectIfAny() is { } health)
        {
            WriteHealth(json, health);
        }

        json.EndObject();
    }

    // A health check that has not been set up yet counts as failed.
    private static void WriteHealth(GoJsonWriter json, GoObject health)
    {
        json.Name("Health");
        json.BeginObject();
        json.Text("Status", health["Status"].Text() is { Length: > 0 } status ? status : "unhealthy");
        json.CopyNumbers(health, "FailingStreak");
        json.Name("Log");
        json.BeginArray();
        foreach (GoObject run in health["Log"].List(value => value.Object()) ?? [])
        {
            json.BeginObject();
            json.Text("Start", GoTime.Normalize(run["Start"].Time()) ?? GoTime.Zero);
            json.Text("End", GoTime.Normalize(run["End"].Time()) ?? GoTime.Zero);
            json.CopyNumbers(run, "ExitCode");
            json.CopyTexts(run, "Output");
            json.EndObject();
        }

        json.EndArray();
        json.EndObject();
    }

    // Sorted by destination; dockerd prints mounts in random order.
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
            json.TextIfAny("Type", type);
            json.TextIfAny("Name", name);
            json.Text("Source", mount["Source"].Text() is { Length: > 0 } source ? source : sourceOf?.Invoke(type, name));
            json.Text("Destination", mount["Destination"].Text() is { Length: > 0 } destination ? destination : place);
            json.TextIfAny("Driver", mount["Driver"].Text());
            json.Text("Mode", mount["Relabel"].Text());
            json.Name("RW");
            json.Boolean(mount["RW"].Flag());
            json.Text("Propagation", mount["Propagation"].Text());
            json.EndObject();
        }

        json.EndArray();
    }
}
