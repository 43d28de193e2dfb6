using System.Text.Json;
using Blobs.Json;

namespace Blobs.Oci;

/// <summary>
/// Writes a <see cref="RunConfig"/> as dockerd 20.10 does: members in the order of its Go struct, some left out when empty, the others
/// <c>null</c> when there is nothing. It stands in image configs, whose text is their identity, and in containers' own files.
/// </summary>
internal static class RunConfigWriter
{
    public static void Write(GoJsonWriter json, RunConfig config)
    {
        json.BeginObject();
        WriteText(json, "Hostname", config.Hostname);
        WriteText(json, "Domainname", config.Domainname);
        WriteText(json, "User", config.User);
        WriteFlag(json, "AttachStdin", config.AttachStdin);
        WriteFlag(json, "AttachStdout", config.AttachStdout);
        WriteFlag(json, "AttachStderr", config.AttachStderr);
        if (config.ExposedPorts is { Count: > 0 } ports)
        {
            json.Name("ExposedPorts");
            json.Set(ports.Keys);
        }

        WriteFlag(json, "Tty", config.Tty);
        WriteFlag(json, "OpenStdin", config.OpenStdin);
        WriteFlag(json, "StdinOnce", config.StdinOnce);
        WriteList(json, "Env", config.Env);
        WriteList(json, "Cmd", config.Cmd);
        if (config.Healthcheck is { ValueKind: JsonValueKind.Object } healthcheck)
        {
            json.Name("Healthcheck");
            WriteHealthcheck(json, healthcheck);
        }

        if (config.ArgsEscaped)
        {
            WriteFlag(json, "ArgsEscaped", true);
        }

        WriteText(json, "Image", config.Image);
        json.Name("Volumes");
        json.Set(config.Volumes?.Keys);
        WriteText(json, "WorkingDir", config.WorkingDir);
        WriteList(json, "Entrypoint", config.Entrypoint);
        if (config.NetworkDisabled)
        {
            WriteFlag(json, "NetworkDisabled", true);
        }

        WriteTextIfAny(json, "MacAddress", config.MacAddress);
        WriteList(json, "OnBuild", config.OnBuild);
        json.Name("Labels");
        json.Map(config.Labels);
        WriteTextIfAny(json, "StopSignal", config.StopSignal);
        if (config.StopTimeout is { } timeout)
        {
            json.Name("StopTimeout");
            json.Number(timeout);
        }

        if (config.Shell is { Count: > 0 } shell)
        {
            WriteList(json, "Shell", shell);
        }

        json.EndObject();
    }

    public static byte[] ToJson(RunConfig config)
    {
        var json = new GoJsonWriter();
        Write(json, config);
        return json.ToArray();
    }

    private static void WriteHealthcheck(GoJsonWriter json, JsonElement healthcheck)
    {
        json.BeginObject();
        if (healthcheck.TryGetProperty("Test", out JsonElement test) && test.ValueKind == JsonValueKind.Array && test.GetArrayLength() > 0)
        {
            WriteList(json, "Test", [.. test.EnumerateArray().Select(word => word.ToString())]);
        }

        foreach (string name in (string[])["Interval", "Timeout", "StartPeriod", "Retries"])
        {
            if (healthcheck.TryGetProperty(name, out JsonElement value)
                && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number != 0)
            {
                json.Name(name);
                json.Number(number);
            }
        }

        json.EndObject();
    }

    private static void WriteText(GoJsonWriter json, string name, string? value)
    {
        json.Name(name);
        json.String(value ?? "");
    }

    private static void WriteTextIfAny(GoJsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            WriteText(json, name, value);
        }
    }

    private static void WriteFlag(GoJsonWriter json, string name, bool value)
    {
        json.Name(name);
        json.Boolean(value);
    }

    private static void WriteList(GoJsonWriter json, string name, IReadOnlyList<string>? values)
    {
        json.Name(name);
        json.Strings(values);
    }
}
