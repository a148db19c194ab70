namespace Chat.Balancer.Heads;

internal readonly record struct HeadLimits(int BytesMax, int FieldsMax);
