using System.ComponentModel;
using System.Text.Json;
using Blobs.Json.Internal;

namespace Blobs.Oci.Internal;

/// <summary>Reads a <see cref="RunConfig"/> as dockerd does, from an image's config or a container's file.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RunConfigJson
{
    // A set is a map to empty objects; members that they have anyway are kept.
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = GoDocument.DepthMax };

    public static RunConfig Read(GoObject json) => new()
    {
        Hostname = json["Hostname"].Text(),
        Domainname = json["Domainname"].Text(),
        User = json["User"].Text(),
        AttachStdin = json["AttachStdin"].Flag(),
        AttachStdout = json["AttachStdout"].Flag(),
        AttachStderr = json["AttachStderr"].Flag(),
        ExposedPorts = Set(json["ExposedPorts"]),
        Tty = json["Tty"].Flag(),
        OpenStdin = json["OpenStdin"].Flag(),
        StdinOnce = json["StdinOnce"].Flag(),
        Env = json["Env"].Texts(),
        Cmd = json["Cmd"].Words(),
        Healthcheck = json["Healthcheck"].ObjectIfAny() is { } healthcheck ? Healthcheck(healthcheck) : null,
        ArgsEscaped = json["ArgsEscaped"].Flag(),
        Image = json["Image"].Text(),
        Volumes = Set(json["Volumes"]),
        WorkingDir = json["WorkingDir"].Text(),
        Entrypoint = json["Entrypoint"].Words(),
        NetworkDisabled = json["NetworkDisabled"].Flag(),
        MacAddress = json["MacAddress"].Text(),
        OnBuild = json["OnBuild"].Texts(),
        Labels = json["Labels"].TextMap(),
        StopSignal = json["StopSignal"].Text(),
        StopTimeout = json["StopTimeout"].NumberIfAny(),
        Shell = json["Shell"].Words(),
        Unknown = json.Unknown(RunConfigWriter.Names),
    };

    private static IReadOnlyDictionary<string, JsonElement>? Set(GoValue value) => value.Map(item =>
        item.Object().Names.Count == 0 ? Nothing : JsonElement.Parse(item.Raw(), Options));

    // Kept as JSON, as newer versions add members. Known members get their canonical names, in the document's order.
    private static JsonElement Healthcheck(GoObject json)
    {
        var copy = new GoJsonWriter();
        copy.BeginObject();
        foreach (string name in json.Names)
        {
            GoValue member = json[name];
            string? known = Array.Find(HealthcheckNumbers, number => number.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (known is not null)
            {
                long number = member.Number();
                copy.Name(known);
                copy.Number(number);
            }
            else if (name.Equals("Test", StringComparison.OrdinalIgnoreCase))
            {
                IReadOnlyList<string>? test = member.Texts();
                copy.Name("Test");
                copy.Strings(test);
            }
            else
            {
                copy.Name(name);
                copy.Raw(member.Raw());
            }
        }

        copy.EndObject();
        return JsonElement.Parse(copy.Written, Options);
    }

    private static readonly string[] HealthcheckNumbers = ["Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"];
}
